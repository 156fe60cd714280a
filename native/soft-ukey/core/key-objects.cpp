/** Mapping between key material and attributes; PKCS#8 and certificates. */
#include "key-objects.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include "der.h"

namespace bidkey {

namespace {
SecureBytes flagBytes(bool value) { return SecureBytes{static_cast<std::uint8_t>(value ? 1 : 0)}; }

const Bytes rsaOid = bytesOfHex("06092a864886f70d010101");
const Bytes ecOid = bytesOfHex("06072a8648ce3d0201");

View required(const Object& key, std::uint64_t type) {
  const View value = key.bytes(type);
  if (value.empty()) throw Failure(Fail::keyInvalid);
  return value;
}
}  // namespace

AttributeMap publicAttributes(const Sm2Public& pub) {
  return {{CKA_KEY_TYPE, numberBytes(CKK_SM2)}, {CKA_EC_PARAMS, secureBytes(sm2CurveOidDer)}, {CKA_EC_POINT, der::element(der::octetString, sm2Point(pub))}};
}

AttributeMap privateAttributes(const Sm2KeyPair& pair) {
  // The point stands with the private key too, as vendors do: a signature needs it, and so does whoever lost the public object.
  AttributeMap out = publicAttributes(pair.pub);
  out[CKA_VALUE] = pair.d;
  return out;
}

AttributeMap publicAttributes(const RsaPublic& pub) {
  const View n = withoutLeadingZeros(pub.n);
  std::uint64_t bits = n.size() * 8;
  for (std::uint8_t top = n.empty() ? 0x80 : n[0]; top < 0x80 && bits > 0; top = static_cast<std::uint8_t>(top << 1)) bits--;
  return {{CKA_KEY_TYPE, numberBytes(CKK_RSA)}, {CKA_MODULUS, secureBytes(n)}, {CKA_PUBLIC_EXPONENT, secureBytes(pub.e)}, {CKA_MODULUS_BITS, numberBytes(bits)}};
}

AttributeMap privateAttributes(const RsaKeyPair& pair) {
  AttributeMap out = publicAttributes(pair.pub);
  out.erase(CKA_MODULUS_BITS);
  out[CKA_PRIVATE_EXPONENT] = pair.d;
  out[CKA_PRIME_1] = pair.p;
  out[CKA_PRIME_2] = pair.q;
  out[CKA_EXPONENT_1] = pair.dp;
  out[CKA_EXPONENT_2] = pair.dq;
  out[CKA_COEFFICIENT] = pair.qinv;
  return out;
}

Sm2KeyPair sm2PairOf(const Object& key) { return {sm2PublicOfObject(key), secureBytes(required(key, CKA_VALUE))}; }

Sm2Public sm2PublicOfObject(const Object& key) { return sm2PublicFromPoint(required(key, CKA_EC_POINT)); }

RsaPublic rsaPublicOfObject(const Object& key) { return {plainBytes(required(key, CKA_MODULUS)), plainBytes(required(key, CKA_PUBLIC_EXPONENT))}; }

RsaKeyPair rsaPairOf(const Object& key) {
  const auto part = [&](std::uint64_t type) { return secureBytes(required(key, type)); };
  return {rsaPublicOfObject(key), part(CKA_PRIVATE_EXPONENT), part(CKA_PRIME_1), part(CKA_PRIME_2), part(CKA_EXPONENT_1), part(CKA_EXPONENT_2), part(CKA_COEFFICIENT)};
}

AttributeMap certificateAttributes(View der) {
  const std::uint8_t* at = der.data();
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(der.size() > 0xffff ? nullptr : d2i_X509(nullptr, &at, static_cast<long>(der.size())), X509_free);
  ERR_clear_error();
  if (!certificate || at != der.data() + der.size()) throw Failure(Fail::certificateInvalid);
  const auto encoded = [](auto* value, int (*encode)(decltype(value), unsigned char**)) {
    unsigned char* raw = nullptr;
    const int size = encode(value, &raw);
    if (size <= 0) throw Failure(Fail::certificateInvalid);
    SecureBytes out(raw, raw + size);
    OPENSSL_free(raw);
    return out;
  };
  const X509_NAME* subject = X509_get_subject_name(certificate.get());
  const X509_NAME* issuer = X509_get_issuer_name(certificate.get());
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate.get());
  return {{CKA_VALUE, secureBytes(der)},
          {CKA_CERTIFICATE_TYPE, numberBytes(CKC_X_509)},
          {CKA_SUBJECT, encoded(subject, i2d_X509_NAME)},
          {CKA_ISSUER, encoded(issuer, i2d_X509_NAME)},
          {CKA_SERIAL_NUMBER, encoded(serial, i2d_ASN1_INTEGER)}};
}

void applyTokenKeyPolicy(AttributeMap& key, bool isLocal) {
  key[CKA_CLASS] = numberBytes(CKO_PRIVATE_KEY);
  for (const auto type : {CKA_TOKEN, CKA_PRIVATE, CKA_SENSITIVE, CKA_MODIFIABLE, CKA_DESTROYABLE}) key[type] = flagBytes(true);
  for (const auto type : {CKA_EXTRACTABLE, CKA_COPYABLE, CKA_ALWAYS_AUTHENTICATE, CKA_WRAP_WITH_TRUSTED, CKA_DERIVE, CKA_SIGN_RECOVER}) key[type] = flagBytes(false);
  for (const auto type : {CKA_LOCAL, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE}) key[type] = flagBytes(isLocal);
}

// PrivateKeyInfo ::= SEQUENCE { version 0, AlgorithmIdentifier, OCTET STRING }
static SecureBytes privateKeyInfo(View algorithm, View key) {
  const auto version = der::unsignedInteger({});
  const auto identifier = der::element(der::sequence, algorithm), body = der::element(der::octetString, key);
  return der::element(der::sequence, der::concatenated({version, identifier, body}));
}

SecureBytes pkcs8Of(const Object& key) {
  if (key.number(CKA_KEY_TYPE) == CKK_RSA) {
    const RsaKeyPair pair = rsaPairOf(key);
    SecureBytes body = der::unsignedInteger({});
    for (const View part : {View(pair.pub.n), View(pair.pub.e), View(pair.d), View(pair.p), View(pair.q), View(pair.dp), View(pair.dq), View(pair.qinv)})
      append(body, der::unsignedInteger(part));
    const auto null = der::element(der::null, {});
    return privateKeyInfo(der::concatenated({rsaOid, null}), der::element(der::sequence, body));
  }
  const Sm2KeyPair pair = sm2PairOf(key);
  // ECPrivateKey ::= SEQUENCE { 1, OCTET STRING d, [1] BIT STRING point }; the curve stands in the algorithm.
  const std::uint8_t one[] = {1};
  SecureBytes bits{0};
  append(bits, sm2Point(pair.pub));
  const auto version = der::unsignedInteger(one), d = der::element(der::octetString, rightAligned(pair.d, 32));
  const auto point = der::element(0xA1, der::element(der::bitString, bits));
  return privateKeyInfo(der::concatenated({ecOid, sm2CurveOidDer}), der::element(der::sequence, der::concatenated({version, d, point})));
}

static AttributeMap readPkcs8(View input) {
  der::Reader outer(input);
  der::Reader info(outer.element(der::sequence));
  outer.end();
  const View version = info.unsignedInteger();
  if (version.size() != 1 || version[0] > 1) throw Failure(Fail::keyInvalid);
  der::Reader algorithm(info.element(der::sequence));
  const View oid = algorithm.raw();
  const View key = info.element(der::octetString);
  if (sameBytes(oid, rsaOid)) return privateAttributes(rsaFromPkcs1(key));
  if (!sameBytes(oid, ecOid) || !sameBytes(algorithm.raw(), sm2CurveOidDer)) throw Failure(Fail::keyInvalid);
  der::Reader keyOuter(key);
  der::Reader ec(keyOuter.element(der::sequence));
  keyOuter.end();
  if (!sameBytes(ec.unsignedInteger(), Bytes{1})) throw Failure(Fail::keyInvalid);
  const SecureBytes d = rightAligned(ec.element(der::octetString), 32);
  return privateAttributes({sm2PublicOf(d), d});
}

AttributeMap attributesFromPkcs8(View input) {
  try {
    return readPkcs8(input);
  } catch (const Failure& failure) {
    throw Failure(failure.kind() == Fail::keySize ? Fail::keySize : Fail::keyInvalid);
  }
}

}  // namespace bidkey
