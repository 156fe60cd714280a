import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1InputStream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.EnvelopedData;
import org.bouncycastle.asn1.cms.KeyTransRecipientInfo;
import org.bouncycastle.asn1.cms.RecipientInfo;
import org.bouncycastle.asn1.gm.GMNamedCurves;
import org.bouncycastle.asn1.gm.GMObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.crypto.engines.SM2Engine;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampResponseGenerator;
import org.bouncycastle.tsp.TimeStampTokenGenerator;

/** Checks of national structures by Bouncy Castle. One check per run; prints its answer, exits 1 when something is thrown. */
public final class CheckWithBouncyCastle {
  public static void main(String[] arguments) throws Exception {
    Security.addProvider(new BouncyCastleProvider());
    switch (arguments[0]) {
      case "certificate" -> verifyCertificate(arguments[1], arguments[2]);
      case "request" -> verifyRequest(arguments[1]);
      case "crl" -> verifyList(arguments[1], arguments[2]);
      case "path" -> verifyPath(null, arguments[1], arguments[2], arguments[3], List.of(arguments).subList(4, arguments.length));
      case "path-at" -> verifyPath(Date.from(Instant.parse(arguments[1])), arguments[2], arguments[3], arguments[4], List.of(arguments).subList(5, arguments.length));
      case "csr-response" -> openCsrResponse(arguments[1], arguments[2], arguments[3]);
      case "cms-verify" -> verifyMessage(arguments[1], arguments.length > 2 ? arguments[2] : null);
      case "cms-sign" -> signMessage(arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
      case "cms-open" -> openEnvelope(arguments[1], arguments[2], arguments[3]);
      case "time-stamp" -> answerTimeStampRequest(arguments[1], arguments[2], arguments[3], arguments[4]);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static byte[] read(String path) throws Exception {
    return Files.readAllBytes(Path.of(path));
  }

  private static X509Certificate certificate(String path) throws Exception {
    return (X509Certificate) CertificateFactory.getInstance("X.509", "BC").generateCertificate(new ByteArrayInputStream(read(path)));
  }

  private static void verifyCertificate(String path, String issuerPath) throws Exception {
    certificate(path).verify(certificate(issuerPath).getPublicKey(), "BC");
    System.out.println("valid");
  }

  private static void verifyRequest(String path) throws Exception {
    PKCS10CertificationRequest request = new PKCS10CertificationRequest(read(path));
    boolean valid = request.isSignatureValid(new JcaContentVerifierProviderBuilder().setProvider("BC").build(request.getSubjectPublicKeyInfo()));
    System.out.println(valid ? "valid" : "wrong");
  }

  private static X509CRL list(String path) throws Exception {
    return (X509CRL) CertificateFactory.getInstance("X.509", "BC").generateCRL(new ByteArrayInputStream(read(path)));
  }

  private static void verifyList(String path, String issuerPath) throws Exception {
    list(path).verify(certificate(issuerPath).getPublicKey(), "BC");
    System.out.println("valid");
  }

  /** PKIX validation (RFC 5280 §6) of leaf and issuing CA up to the root, each of them looked up in the lists given. `at`: null for now. */
  private static void verifyPath(Date at, String leafPath, String issuingPath, String rootPath, List<String> listPaths) throws Exception {
    List<X509CRL> lists = new ArrayList<>();
    for (String path : listPaths) lists.add(list(path));
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(certificate(rootPath), null)));
    parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(lists), "BC"));
    parameters.setRevocationEnabled(true);
    if (at != null) parameters.setDate(at);
    CertPath path = CertificateFactory.getInstance("X.509", "BC").generateCertPath(List.of(certificate(leafPath), certificate(issuingPath)));
    CertPathValidator.getInstance("PKIX", "BC").validate(path, parameters);
    System.out.println("valid");
  }

  /** GM/T 0092 answer: its key, opened and held against the encryption certificate in it, is written as 32 octets. */
  private static void openCsrResponse(String path, String keyPath, String outPath) throws Exception {
    ASN1Sequence answer = ASN1Sequence.getInstance(read(path));
    ASN1Sequence enveloped = ASN1Sequence.getInstance((ASN1TaggedObject) answer.getObjectAt(1), true);
    byte[] encryptCertificate = ASN1Set.getInstance((ASN1TaggedObject) answer.getObjectAt(2), false).getObjectAt(0).toASN1Primitive().getEncoded("DER");
    Cipher cipher = Cipher.getInstance("SM4/ECB/NoPadding", "BC");
    cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(decryptSm2(enveloped.getObjectAt(1).toASN1Primitive().getEncoded("DER"), read(keyPath)), "SM4"));
    byte[] secret = cipher.doFinal(ASN1BitString.getInstance(enveloped.getObjectAt(3)).getOctets());
    byte[] point = GMNamedCurves.getByName("sm2p256v1").getG().multiply(new BigInteger(1, secret)).normalize().getEncoded(false);
    byte[] certified = new X509CertificateHolder(encryptCertificate).getSubjectPublicKeyInfo().getPublicKeyData().getOctets();
    byte[] named = ASN1BitString.getInstance(enveloped.getObjectAt(2)).getOctets();
    if (!Arrays.equals(point, certified) || !Arrays.equals(point, named)) throw new IllegalStateException("the key is not that of the certificate");
    Files.write(Path.of(outPath), secret);
    System.out.println("opened");
  }

  private static void verifyMessage(String path, String contentPath) throws Exception {
    CMSSignedData message = contentPath == null ? new CMSSignedData(read(path)) : new CMSSignedData(new CMSProcessableByteArray(read(contentPath)), read(path));
    for (SignerInformation signer : message.getSignerInfos().getSigners()) {
      X509CertificateHolder holder = (X509CertificateHolder) message.getCertificates().getMatches(signer.getSID()).iterator().next();
      System.out.println(signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(holder)) ? "valid" : "wrong");
    }
  }

  private static void signMessage(String keyPath, String certificatePath, String contentPath, String attached, String outPath) throws Exception {
    PrivateKey key = KeyFactory.getInstance("EC", "BC").generatePrivate(new PKCS8EncodedKeySpec(read(keyPath)));
    X509Certificate certificate = certificate(certificatePath);
    CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
    generator.addSignerInfoGenerator(new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().setProvider("BC").build())
        .build(new JcaContentSignerBuilder("SM3withSM2").setProvider("BC").build(key), certificate));
    generator.addCertificates(new JcaCertStore(List.of(certificate)));
    CMSSignedData message = generator.generate(new CMSProcessableByteArray(read(contentPath)), attached.equals("attached"));
    Files.write(Path.of(outPath), message.toASN1Structure().getEncoded("DER"));
    System.out.println("signed");
  }

  /** A time-stamp authority with an SM2 key: answers one request (RFC 3161). */
  private static void answerTimeStampRequest(String keyPath, String certificatePath, String requestPath, String outPath) throws Exception {
    PrivateKey key = KeyFactory.getInstance("EC", "BC").generatePrivate(new PKCS8EncodedKeySpec(read(keyPath)));
    X509Certificate certificate = certificate(certificatePath);
    TimeStampTokenGenerator tokens = new TimeStampTokenGenerator(
        new JcaSimpleSignerInfoGeneratorBuilder().setProvider("BC").build("SM3withSM2", key, certificate),
        new JcaDigestCalculatorProviderBuilder().setProvider("BC").build().get(new AlgorithmIdentifier(GMObjectIdentifiers.sm3)), new ASN1ObjectIdentifier("1.2.3.4.1"));
    tokens.addCertificates(new JcaCertStore(List.of(certificate)));
    TimeStampResponseGenerator responses = new TimeStampResponseGenerator(tokens, Set.of(GMObjectIdentifiers.sm3.getId(), "2.16.840.1.101.3.4.2.1"));
    Files.write(Path.of(outPath), responses.generate(new TimeStampRequest(read(requestPath)), BigInteger.valueOf(4711), new Date()).getEncoded());
    System.out.println("answered");
  }

  /** Walks the structure by hand: Bouncy Castle has no SM2 key transport of its own. */
  private static void openEnvelope(String path, String keyPath, String outPath) throws Exception {
    EnvelopedData data = EnvelopedData.getInstance(ContentInfo.getInstance(read(path)).getContent());
    KeyTransRecipientInfo recipient = KeyTransRecipientInfo.getInstance(RecipientInfo.getInstance(data.getRecipientInfos().getObjectAt(0)).getInfo());
    byte[] key = decryptSm2(recipient.getEncryptedKey().getOctets(), read(keyPath));
    byte[] iv = ASN1OctetString.getInstance(data.getEncryptedContentInfo().getContentEncryptionAlgorithm().getParameters()).getOctets();
    Cipher cipher = Cipher.getInstance("SM4/CBC/PKCS7Padding", "BC");
    cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "SM4"), new IvParameterSpec(iv));
    Files.write(Path.of(outPath), cipher.doFinal(data.getEncryptedContentInfo().getEncryptedContent().getOctets()));
    System.out.println("opened");
  }

  private static byte[] decryptSm2(byte[] cipherDer, byte[] pkcs8) throws Exception {
    ASN1Sequence parts;
    try (ASN1InputStream input = new ASN1InputStream(cipherDer)) {
      ASN1Primitive primitive = input.readObject();
      parts = ASN1Sequence.getInstance(primitive);
    }
    byte[] hash = ASN1OctetString.getInstance(parts.getObjectAt(2)).getOctets();
    byte[] text = ASN1OctetString.getInstance(parts.getObjectAt(3)).getOctets();
    byte[] raw = new byte[65 + 32 + text.length];
    raw[0] = 4;
    copyNumber(ASN1Integer.getInstance(parts.getObjectAt(0)).getValue(), raw, 1);
    copyNumber(ASN1Integer.getInstance(parts.getObjectAt(1)).getValue(), raw, 33);
    System.arraycopy(hash, 0, raw, 65, 32);
    System.arraycopy(text, 0, raw, 97, text.length);
    SM2Engine engine = new SM2Engine(SM2Engine.Mode.C1C3C2);
    engine.init(false, (ECPrivateKeyParameters) PrivateKeyFactory.createKey(pkcs8));
    return engine.processBlock(raw, 0, raw.length);
  }

  private static void copyNumber(BigInteger value, byte[] out, int at) {
    byte[] bytes = value.toByteArray();
    int skip = Math.max(0, bytes.length - 32);
    System.arraycopy(bytes, skip, out, at + 32 - (bytes.length - skip), bytes.length - skip);
  }
}
