/** Certificates, requests and revocation lists of BidKey in the hands of openssl and certtool. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenAuthority } from '../../src-ca/authority/open-or-create-authority.ts';
import { parseCertificate } from '../../src-shared/x509/certificate.ts';
import { signCertificationRequest } from '../../src-shared/x509/certification-request.ts';
import { toPem } from '../../src-shared/x509/pem.ts';
import { dualOrder, company, newRsaKey, openTestAuthority } from './test-authority.ts';
import { createScratch, type Scratch } from './tools.ts';

let scratch: Scratch, open: OpenAuthority;
let issued: { signCertificateDer: Uint8Array; encryptCertificateDer: Uint8Array };
const signKey = newRsaKey();
const encryptKey = newRsaKey();
const hour = 3_600_000;
const crl = (number: bigint, ...serials: string[]) => {
  const thisUpdate = new Date(Date.now() - 1000);
  return open.authority.signCrl({ number, thisUpdate, nextUpdate: new Date(thisUpdate.getTime() + 24 * hour), entries: serials.map((serialHex) => ({ serialHex, revokedAt: new Date(thisUpdate.getTime() - hour), reason: 'keyCompromise' })) });
};

beforeAll(async () => {
  scratch = await createScratch();
  open = await openTestAuthority(scratch.path('authority'));
  issued = await open.authority.issueDualCertificates(dualOrder(open, signKey, encryptKey));
  await scratch.write('sign.pem', toPem('CERTIFICATE', issued.signCertificateDer));
  await scratch.write('enc.pem', toPem('CERTIFICATE', issued.encryptCertificateDer));
  await scratch.write('root.pem', toPem('CERTIFICATE', open.rootCertificateDer));
  await scratch.write('issuing.pem', toPem('CERTIFICATE', open.issuingCertificateDer));
  await scratch.write('crl.pem', toPem('X509 CRL', await crl(1n)) + toPem('X509 CRL', open.rootCrlDer));
});
afterAll(async () => {
  await open.close();
  await scratch.dispose();
});

const verify = (certificate: string, crlFile = 'crl.pem', ...more: string[]) =>
  scratch.run('openssl', ['verify', '-x509_strict', '-check_ss_sig', '-CAfile', 'root.pem', '-untrusted', 'issuing.pem', '-CRLfile', crlFile, '-crl_check_all', ...more, certificate]);

describe('openssl', () => {
  it.each(['sign.pem', 'enc.pem', 'issuing.pem'])('ok: verify -x509_strict -crl_check_all accepts %s', async (name) => {
    expect(await verify(name)).toMatchObject({ exitCode: 0, output: expect.stringContaining(': OK') });
  });
  it('refuses: a revoked certificate, and the other one of the pair stays good', async () => {
    await scratch.write('revoked.pem', toPem('X509 CRL', await crl(2n, parseCertificate(issued.signCertificateDer).serialHex)) + toPem('X509 CRL', open.rootCrlDer));
    const answer = await verify('sign.pem', 'revoked.pem');
    expect(answer.exitCode).not.toBe(0);
    expect(answer.output).toContain('certificate revoked');
    expect((await verify('enc.pem', 'revoked.pem')).exitCode).toBe(0);
  });
  it('refuses: a certificate with one changed octet, and a list with one changed octet', async () => {
    const damaged = issued.signCertificateDer.slice();
    damaged[damaged.length - 5] = (damaged[damaged.length - 5] ?? 0) ^ 1;
    await scratch.write('damaged.pem', toPem('CERTIFICATE', damaged));
    expect((await verify('damaged.pem')).output).toContain('certificate signature failure');
    const badCrl = (await crl(3n)).slice();
    badCrl[badCrl.length - 5] = (badCrl[badCrl.length - 5] ?? 0) ^ 1;
    await scratch.write('bad-crl.pem', toPem('X509 CRL', badCrl) + toPem('X509 CRL', open.rootCrlDer));
    expect((await verify('sign.pem', 'bad-crl.pem')).output).toContain('CRL signature failure');
  });
  it('ok: purposes: the signing certificate is for clients and signed mail, the encryption certificate is not a CA', async () => {
    const purposes = async (name: string) => (await scratch.run('openssl', ['x509', '-in', name, '-noout', '-purpose'])).output;
    expect(await purposes('sign.pem')).toMatch(/SSL client : Yes[\s\S]*S\/MIME signing : Yes[\s\S]*S\/MIME encryption : No/);
    expect(await purposes('enc.pem')).toMatch(/S\/MIME signing : No[\s\S]*S\/MIME encryption : Yes/);
    expect(await purposes('enc.pem')).toContain('SSL client CA : No');
  });
  it('ok: shows key usages, identity, addresses and names as they were meant', async () => {
    const text = async (name: string) => (await scratch.run('openssl', ['x509', '-in', name, '-noout', '-text', '-nameopt', 'utf8,sep_comma_plus'])).output;
    const signText = await text('sign.pem');
    for (const part of ['Digital Signature, Non Repudiation', 'X509v3 Key Usage: critical', 'TLS Web Client Authentication, E-mail Protection', 'URI:http://ca.example/crl/interop.crl', 'CA Issuers - URI:http://ca.example/ca/interop.cer', 'CPS: http://ca.example/cps', '1.2.156.10260.4.4', '91350100M000100Y43', 'C=CN,ST=浙江省,L=杭州市,O=杭州标钥科技有限公司,CN=杭州标钥科技有限公司']) expect(signText).toContain(part);
    const encryptText = await text('enc.pem');
    expect(encryptText).toContain('Key Encipherment, Data Encipherment\n');
    expect(encryptText).not.toContain('Digital Signature');
  });
  it('ok: asn1parse reads the identity extension as a PrintableString', async () => {
    const { output } = await scratch.run('openssl', ['asn1parse', '-in', 'sign.pem']);
    const at = output.split('\n').findIndex((line) => line.includes('1.2.156.10260.4.4'));
    expect(output.split('\n')[at + 1]).toContain(`[HEX DUMP]:1312${Buffer.from('91350100M000100Y43').toString('hex').toUpperCase()}`);
  });
  it('ok: crl verifies both lists and reads number and reason', async () => {
    await scratch.write('one.pem', toPem('X509 CRL', await crl(41n, '40'.repeat(16))));
    await scratch.write('chain.pem', toPem('CERTIFICATE', open.issuingCertificateDer) + toPem('CERTIFICATE', open.rootCertificateDer));
    const answer = await scratch.run('openssl', ['crl', '-in', 'one.pem', '-CAfile', 'chain.pem', '-noout', '-text']);
    expect(answer.output).toContain('verify OK');
    expect(answer.output).toMatch(/X509v3 CRL Number:\s+41/);
    expect(answer.output).toMatch(/Serial Number: 4040[\s\S]*Key Compromise/);
    await scratch.write('root-crl.pem', toPem('X509 CRL', open.rootCrlDer));
    expect((await scratch.run('openssl', ['crl', '-in', 'root-crl.pem', '-CAfile', 'root.pem', '-noout', '-text'])).output).toMatch(/No Revoked Certificates[\s\S]*verify OK/);
  });
  it('ok: req -verify accepts our request and refuses it when changed', async () => {
    const csr = await signCertificationRequest({ subjectDer: open.authority.subjectNameDer(company), publicKeySpkiDer: signKey.spki, signAlgorithm: 'rsa-sha256' }, signKey.sign);
    await scratch.write('csr.pem', toPem('CERTIFICATE REQUEST', csr));
    expect(await scratch.run('openssl', ['req', '-in', 'csr.pem', '-verify', '-noout', '-subject', '-nameopt', 'utf8'])).toMatchObject({ exitCode: 0, output: expect.stringMatching(/杭州标钥科技有限公司[\s\S]*verify OK/) });
    const damaged = csr.slice();
    damaged[damaged.length - 5] = (damaged[damaged.length - 5] ?? 0) ^ 1;
    await scratch.write('bad-csr.pem', toPem('CERTIFICATE REQUEST', damaged));
    expect((await scratch.run('openssl', ['req', '-in', 'bad-csr.pem', '-verify', '-noout'])).output).toContain('verify failure');
  });
  it('ok: a signature by the key verifies, and cms encrypts to the encryption certificate', async () => {
    await scratch.write('message', 'message');
    await scratch.write('signature', await signKey.sign(Buffer.from('message')));
    await scratch.write('public.pem', (await scratch.run('openssl', ['x509', '-in', 'sign.pem', '-pubkey', '-noout'])).output);
    expect((await scratch.run('openssl', ['dgst', '-sha256', '-verify', 'public.pem', '-signature', 'signature', 'message'])).output).toContain('Verified OK');
    await scratch.write('enc-key.pem', String(encryptKey.privateKey.export({ type: 'pkcs8', format: 'pem' })));
    expect((await scratch.run('openssl', ['cms', '-encrypt', '-binary', '-aes256', '-in', 'message', '-out', 'message.cms', '-outform', 'DER', 'enc.pem'])).exitCode).toBe(0);
    expect((await scratch.run('openssl', ['cms', '-decrypt', '-inform', 'DER', '-in', 'message.cms', '-inkey', 'enc-key.pem', '-recip', 'enc.pem'])).output).toBe('message');
  });
});

describe('certtool (GnuTLS)', () => {
  it.each(['sign.pem', 'enc.pem', 'issuing.pem', 'root.pem'])('ok: reads %s without complaint', async (name) => {
    const answer = await scratch.run('certtool', ['-i', '--infile', name]);
    expect(answer.exitCode).toBe(0);
    expect(answer.output).not.toMatch(/error|warning|invalid|unsupported/i);
  });
  it('ok: verifies the chain', async () => {
    const chain = toPem('CERTIFICATE', issued.signCertificateDer) + toPem('CERTIFICATE', open.issuingCertificateDer) + toPem('CERTIFICATE', open.rootCertificateDer);
    const answer = await scratch.run('certtool', ['--verify-chain'], { input: chain });
    expect(answer).toMatchObject({ exitCode: 0, output: expect.stringContaining('Chain verification output: Verified.') });
  });
  it('ok: reads request and list', async () => {
    await scratch.write('c.pem', toPem('CERTIFICATE REQUEST', await signCertificationRequest({ subjectDer: open.authority.subjectNameDer(company), publicKeySpkiDer: signKey.spki, signAlgorithm: 'rsa-sha256' }, signKey.sign)));
    expect((await scratch.run('certtool', ['--crq-info', '--infile', 'c.pem'])).output).toContain('Self signature: verified');
    await scratch.write('l.pem', toPem('X509 CRL', await crl(9n, '40'.repeat(16))));
    expect(await scratch.run('certtool', ['--crl-info', '--infile', 'l.pem'])).toMatchObject({ exitCode: 0, output: expect.stringMatching(/CRL Number[\s\S]*09[\s\S]*Revoked certificates \(1\)/) });
  });
});
