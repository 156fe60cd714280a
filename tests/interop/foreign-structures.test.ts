/** Certificates, requests, lists and keys made by openssl, read by BidKey and written again to the same octets. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFile } from 'node:fs/promises';
import { buildTbsCertificate, parseCertificate } from '../../src-shared/x509/certificate.ts';
import { buildTbsCertList, parseCertificateRevocationList } from '../../src-shared/x509/certificate-revocation-list.ts';
import { parseCertificationRequest, signCertificationRequest } from '../../src-shared/x509/certification-request.ts';
import { findExtension, type ExtensionCodec } from '../../src-shared/x509/extension.ts';
import { AUTHORITY_INFO_ACCESS } from '../../src-shared/x509/extensions/authority-info-access.ts';
import { AUTHORITY_KEY_IDENTIFIER } from '../../src-shared/x509/extensions/authority-key-identifier.ts';
import { BASIC_CONSTRAINTS } from '../../src-shared/x509/extensions/basic-constraints.ts';
import { CERTIFICATE_POLICIES } from '../../src-shared/x509/extensions/certificate-policies.ts';
import { CRL_DISTRIBUTION_POINTS } from '../../src-shared/x509/extensions/crl-distribution-points.ts';
import { EXT_KEY_USAGE } from '../../src-shared/x509/extensions/ext-key-usage.ts';
import { KEY_USAGE } from '../../src-shared/x509/extensions/key-usage.ts';
import { SUBJECT_KEY_IDENTIFIER } from '../../src-shared/x509/extensions/subject-key-identifier.ts';
import { signAlgorithmOf } from '../../src-shared/x509/algorithm-identifier.ts';
import { nameText } from '../../src-shared/x509/name.ts';
import { onlyFromPem, type PemLabel } from '../../src-shared/x509/pem.ts';
import { keyIdentifierOf, parsePublicKeyInfo } from '../../src-shared/x509/public-key-info.ts';
import { publicKeyOfRsaPrivateKey } from '../../src-shared/x509/private-key-info.ts';
import { validatePath } from '../../src-shared/x509/validate-path.ts';
import { verifySigned } from '../../src-shared/x509/signed-structure.ts';
import { cryptoPort } from './test-authority.ts';
import { createScratch, type Scratch } from './tools.ts';

const CONFIG = `
[req]
distinguished_name = dn
prompt = no
utf8 = yes
string_mask = utf8only
[dn]
C = CN
O = 开放, "测试"
CN = 根
[ca]
basicConstraints = critical, CA:TRUE, pathlen:1
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature, nonRepudiation
extendedKeyUsage = clientAuth, emailProtection
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
crlDistributionPoints = URI:http://ca.example/a.crl
authorityInfoAccess = OCSP;URI:http://ca.example/ocsp, caIssuers;URI:http://ca.example/a.cer
certificatePolicies = 1.2.3.4, @policy
[policy]
policyIdentifier = 1.2.3.5
CPS.1 = http://ca.example/cps
[default]
default_ca = openssl_ca
[openssl_ca]
database = index.txt
crlnumber = crlnumber
default_md = sha256
default_crl_days = 30
unique_subject = no
policy = any
serial = serial
new_certs_dir = .
default_days = 30
crl_extensions = crl
[any]
commonName = supplied
countryName = optional
organizationName = optional
[crl]
authorityKeyIdentifier = keyid:always
`;

let scratch: Scratch;
const openssl = async (...programArguments: string[]) => {
  const answer = await scratch.run('openssl', programArguments);
  if (answer.exitCode !== 0) throw new Error(`openssl ${programArguments.join(' ')}: ${answer.output}`);
};
const read = async (label: PemLabel, name: string) => onlyFromPem(label, await readFile(scratch.path(name), 'utf8'));

beforeAll(async () => {
  scratch = await createScratch();
  await scratch.write('o.cnf', CONFIG);
  await scratch.write('index.txt', '');
  await scratch.write('crlnumber', '1F\n');
  await scratch.write('serial', '00F1E2D3C4B5A69788\n');
  await openssl('req', '-x509', '-newkey', 'rsa:3072', '-nodes', '-keyout', 'root.key', '-out', 'root.pem', '-config', 'o.cnf', '-extensions', 'ca', '-days', '9000');
  await openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'leaf.key', '-out', 'leaf.csr', '-config', 'o.cnf', '-subj', '/C=CN/CN=投标人', '-utf8', '-addext', 'keyUsage=digitalSignature');
  await openssl('ca', '-batch', '-config', 'o.cnf', '-name', 'openssl_ca', '-cert', 'root.pem', '-keyfile', 'root.key', '-in', 'leaf.csr', '-out', 'leaf.pem', '-extensions', 'leaf', '-notext', '-utf8');
  await openssl('ca', '-config', 'o.cnf', '-name', 'openssl_ca', '-cert', 'root.pem', '-keyfile', 'root.key', '-gencrl', '-out', 'empty.crl');
  await openssl('ca', '-config', 'o.cnf', '-name', 'openssl_ca', '-cert', 'root.pem', '-keyfile', 'root.key', '-revoke', 'leaf.pem', '-crl_reason', 'superseded');
  await openssl('ca', '-config', 'o.cnf', '-name', 'openssl_ca', '-cert', 'root.pem', '-keyfile', 'root.key', '-gencrl', '-out', 'revoked.crl');
});
afterAll(() => scratch.dispose());

describe('structures made by openssl', () => {
  it.each(['root.pem', 'leaf.pem'])('ok: %s is read, and written again to the same octets', async (name) => {
    const certificate = parseCertificate(await read('CERTIFICATE', name));
    const again = buildTbsCertificate({ serialHex: certificate.serialHex, signAlgorithm: signAlgorithmOf(certificate.tbsSignatureAlgorithm), issuerDer: certificate.issuer.der, notBefore: certificate.notBefore.date, notAfter: certificate.notAfter.date, subjectDer: certificate.subject.der, publicKeySpkiDer: certificate.publicKeySpkiDer, extensions: certificate.extensions });
    expect(again).toEqual(certificate.tbsDer);
    expect(findExtension(certificate.extensions, SUBJECT_KEY_IDENTIFIER)?.value).toEqual(keyIdentifierOf(certificate.publicKeySpkiDer));
  });
  it('ok: names read as openssl shows them, serial numbers with a high bit too', async () => {
    const root = parseCertificate(await read('CERTIFICATE', 'root.pem'));
    const shown = await scratch.run('openssl', ['x509', '-in', 'root.pem', '-noout', '-subject', '-nameopt', 'RFC2253,-esc_msb,utf8']);
    expect(shown.output.trim()).toBe(`subject=${nameText(root.subject)}`);
    expect(parseCertificate(await read('CERTIFICATE', 'leaf.pem')).serialHex).toBe('f1e2d3c4b5a69788');
  });
  it('ok: every extension of the leaf is read and written again to the same octets', async () => {
    const { extensions } = parseCertificate(await read('CERTIFICATE', 'leaf.pem'));
    const again = <T>(codec: ExtensionCodec<T>) => {
      const found = extensions.find((one) => one.oid === codec.oid);
      expect(found && codec.write(codec.read(found.valueDer)), codec.name).toEqual(found?.valueDer);
      expect(found, codec.name).toBeDefined();
    };
    again(BASIC_CONSTRAINTS);
    again(KEY_USAGE);
    again(EXT_KEY_USAGE);
    again(SUBJECT_KEY_IDENTIFIER);
    again(AUTHORITY_KEY_IDENTIFIER);
    again(CRL_DISTRIBUTION_POINTS);
    again(AUTHORITY_INFO_ACCESS);
    again(CERTIFICATE_POLICIES);
  });
  it('ok: the request verifies, and ours with the same content is the same', async () => {
    const der = await read('CERTIFICATE REQUEST', 'leaf.csr');
    const request = parseCertificationRequest(der);
    expect(await verifySigned(request, request.publicKeySpkiDer, cryptoPort)).toBe(true);
    const ours = await signCertificationRequest({ subjectDer: request.subject.der, publicKeySpkiDer: request.publicKeySpkiDer, signAlgorithm: 'rsa-sha256', requestedExtensions: request.requestedExtensions }, async () => request.signature);
    expect(ours).toEqual(der);
  });
  it('ok: the private key belongs to the public key', async () => {
    const request = parseCertificationRequest(await read('CERTIFICATE REQUEST', 'leaf.csr'));
    expect(publicKeyOfRsaPrivateKey(await read('PRIVATE KEY', 'leaf.key'))).toEqual(request.publicKeySpkiDer);
    expect(parsePublicKeyInfo(request.publicKeySpkiDer)).toMatchObject({ kind: 'rsa', modulusBits: 2048 });
  });
  it.each(['empty.crl', 'revoked.crl'])('ok: %s is read, and written again to the same octets', async (name) => {
    const crl = parseCertificateRevocationList(await read('X509 CRL', name));
    const again = buildTbsCertList({ signAlgorithm: 'rsa-sha256', issuerDer: crl.issuer.der, thisUpdate: crl.thisUpdate.date, nextUpdate: crl.nextUpdate?.date ?? new Date(0), entries: crl.entries, extensions: crl.extensions });
    expect(again).toEqual(crl.tbsDer);
  });
  it('ok: our path validation agrees: good with the first list, revoked with the second', async () => {
    const root = await read('CERTIFICATE', 'root.pem');
    const ask = async (crl: string) => validatePath({ leafDer: await read('CERTIFICATE', 'leaf.pem'), intermediatesDer: [], trustAnchorsDer: [root], at: new Date(Date.now() + 2000), keyUsage: ['digitalSignature'], revocation: { kind: 'crls', crlsDer: [await read('X509 CRL', crl)] } }, cryptoPort);
    expect(await ask('empty.crl')).toMatchObject({ valid: true });
    expect(await ask('revoked.crl')).toMatchObject({ valid: false, reason: 'CERT_REVOKED', serialHex: 'f1e2d3c4b5a69788' });
  });
});
