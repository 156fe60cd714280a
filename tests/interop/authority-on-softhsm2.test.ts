/** A whole CA whose keys live in a SoftHSM2 token: made, used, opened again, and confirmed by pkcs11-tool and openssl. */
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenAuthority } from '../../src-ca/authority/open-or-create-authority.ts';
import type { SignerSource } from '../../src-ca/authority/signing-keys.ts';
import { toPem } from '../../src-shared/x509/pem.ts';
import { createSoftHsm2Token, type SoftHsm2Token } from '../support/softhsm2.ts';
import { dualOrder, newRsaKey, openTestAuthority } from './test-authority.ts';
import { createScratch, type Scratch } from './tools.ts';

describe('authority on SoftHSM2', () => {
  let scratch: Scratch, token: SoftHsm2Token, open: OpenAuthority;
  const source = (pin = token.pin): SignerSource => ({ kind: 'pkcs11', modulePath: token.modulePath, tokenLabel: token.label, pin: Buffer.from(pin), env: token.env });
  beforeAll(async () => {
    scratch = await createScratch();
    token = await createSoftHsm2Token({ label: 'BidKey CA' });
    open = await openTestAuthority(scratch.path('authority'), source());
  });
  afterAll(async () => {
    await open.close();
    await token.dispose();
    await scratch.dispose();
  });

  it('ok: issues and signs lists that openssl accepts', async () => {
    const issued = await open.authority.issueDualCertificates(dualOrder(open, newRsaKey(), newRsaKey()));
    const thisUpdate = new Date(Date.now() - 1000);
    const crl = await open.authority.signCrl({ number: 1n, thisUpdate, nextUpdate: new Date(thisUpdate.getTime() + 3_600_000), entries: [] });
    await scratch.write('root.pem', toPem('CERTIFICATE', open.rootCertificateDer));
    await scratch.write('issuing.pem', toPem('CERTIFICATE', open.issuingCertificateDer));
    await scratch.write('crl.pem', toPem('X509 CRL', crl) + toPem('X509 CRL', open.rootCrlDer));
    await scratch.write('sign.pem', toPem('CERTIFICATE', issued.signCertificateDer));
    await scratch.write('enc.pem', toPem('CERTIFICATE', issued.encryptCertificateDer));
    expect(await scratch.run('openssl', ['verify', '-x509_strict', '-CAfile', 'root.pem', '-untrusted', 'issuing.pem', '-CRLfile', 'crl.pem', '-crl_check_all', 'sign.pem', 'enc.pem'])).toMatchObject({ exitCode: 0 });
  });
  it('ok: pkcs11-tool sees both private keys, never extractable, for signing only; the folder holds none', async () => {
    const { output } = await scratch.run('pkcs11-tool', ['--module', token.modulePath, '--token-label', token.label, '--login', '--pin', token.pin, '-O', '--type', 'privkey'], { env: token.env });
    expect(output.match(/label:\s+interop-(root|issuing)-/g)).toHaveLength(2);
    expect(output.match(/Access:\s+sensitive, always sensitive, never extractable, local/g)).toHaveLength(2);
    expect(output.match(/Usage:\s+sign\n/g)).toHaveLength(2);
    expect((await readdir(scratch.path('authority'))).sort()).toEqual(['authority.json', 'issuing.pem', 'root-crl.pem', 'root.pem']);
  });
  it('ok: opens again with the keys in the token', async () => {
    const again = await openTestAuthority(scratch.path('authority'), source());
    expect(again.created).toBe(false);
    expect((await again.authority.issueDualCertificates(dualOrder(again, newRsaKey(), newRsaKey()))).signCertificateDer.length).toBeGreaterThan(500);
    await again.close();
  });
  it('refuses: a wrong PIN, and an authority whose token is away', async () => {
    await expect(openTestAuthority(scratch.path('authority'), source('11111111'))).rejects.toMatchObject({ code: 'SIGNER_FAILED', details: { reason: 'pin' } });
    await token.remove();
    await expect(openTestAuthority(scratch.path('authority'), source())).rejects.toMatchObject({ code: 'SIGNER_FAILED', details: { reason: 'token' } });
    await token.insert();
  });
});
