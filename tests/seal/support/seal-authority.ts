/** A small authority of tests: root, issuing CA, certificates and revocation lists, SM2, at times that the test chooses. */
import { toHex } from '../../../src-shared/bytes/hex.ts';
import { sm2Signer } from '../../../src-shared/sm/sm-provider.ts';
import { generateSm2KeyPair } from '../../../src-shared/sm/sm2-key.ts';
import { signCertificate } from '../../../src-shared/x509/certificate.ts';
import { signCertificateRevocationList } from '../../../src-shared/x509/certificate-revocation-list.ts';
import { makeExtension, type Extension } from '../../../src-shared/x509/extension.ts';
import { BASIC_CONSTRAINTS } from '../../../src-shared/x509/extensions/basic-constraints.ts';
import { CRL_DISTRIBUTION_POINTS } from '../../../src-shared/x509/extensions/crl-distribution-points.ts';
import { CRL_NUMBER } from '../../../src-shared/x509/extensions/crl-number.ts';
import { KEY_USAGE, type KeyUsageName } from '../../../src-shared/x509/extensions/key-usage.ts';
import { buildName } from '../../../src-shared/x509/name.ts';
import { buildEcPublicKeyInfo } from '../../../src-shared/x509/public-key-info.ts';
import type { SignCallback } from '../../../src-shared/x509/signed-structure.ts';
import { engine, NOW, random } from './seal-world.ts';

const DAY_MS = 86_400_000;
const inDays = (days: number): Date => new Date(NOW.getTime() + days * DAY_MS);

interface TestCa {
  readonly der: Uint8Array;
  readonly nameDer: Uint8Array;
  readonly sign: SignCallback;
}

export interface LeafWish {
  readonly name: string;
  readonly usages: readonly KeyUsageName[];
  readonly serialHex: string;
  readonly publicKeySpkiDer: Uint8Array;
  readonly notAfter?: Date;
  readonly crlAddress?: string;
  readonly extensions?: readonly Extension[];
}

export interface SealAuthority {
  readonly rootDer: Uint8Array;
  readonly issuingDer: Uint8Array;
  issue(wish: LeafWish): Promise<Uint8Array>;
  /** Lists of the issuing CA and of the root. */
  crls(revokedSerials: readonly string[], times?: { readonly from: number; readonly to: number }, more?: { readonly revokedAt?: Date; readonly revokedByRoot?: readonly string[] }): Promise<Uint8Array[]>;
}

const nameOf = (commonName: string): Uint8Array => buildName([{ type: 'countryName', value: 'CN' }, { type: 'commonName', value: commonName }]);

export async function createSealAuthority(label: string): Promise<SealAuthority> {
  const root = await makeCa(`${label} 根`, null);
  const issuing = await makeCa(`${label} 签发`, root);
  const list = (ca: TestCa, entries: readonly string[], times: { readonly from: number; readonly to: number }, revokedAt = inDays(-20)) => signCertificateRevocationList({
    signAlgorithm: 'sm2-sm3', issuerDer: ca.nameDer, thisUpdate: inDays(times.from), nextUpdate: inDays(times.to),
    entries: entries.map((serialHex) => ({ serialHex, revokedAt, reason: 'keyCompromise' as const })), extensions: [makeExtension(CRL_NUMBER, 7n, { critical: false })],
  }, ca.sign);
  return {
    rootDer: root.der,
    issuingDer: issuing.der,
    issue: ({ name, usages, serialHex, publicKeySpkiDer, notAfter, crlAddress, extensions }) => signCertificate({
      signAlgorithm: 'sm2-sm3', serialHex, issuerDer: issuing.nameDer, subjectDer: nameOf(name), publicKeySpkiDer, notBefore: inDays(-100), notAfter: notAfter ?? inDays(300),
      extensions: [makeExtension(KEY_USAGE, usages, { critical: true }), ...(crlAddress ? [makeExtension(CRL_DISTRIBUTION_POINTS, [crlAddress], { critical: false })] : []), ...(extensions ?? [])],
    }, issuing.sign),
    crls: async (revoked, times = { from: -1, to: 5 }, { revokedAt, revokedByRoot = [] } = {}) => [await list(issuing, revoked, times, revokedAt), await list(root, revokedByRoot, times, revokedAt)],
  };
}

async function makeCa(commonName: string, parent: TestCa | null): Promise<TestCa> {
  const { privateKey, publicKey } = generateSm2KeyPair(random);
  const sign = sm2Signer(engine, privateKey, random);
  const nameDer = nameOf(commonName);
  const der = await signCertificate({
    signAlgorithm: 'sm2-sm3', serialHex: toHex(random(8)).replace(/^./, '1'), issuerDer: parent?.nameDer ?? nameDer, subjectDer: nameDer, publicKeySpkiDer: buildEcPublicKeyInfo('sm2', publicKey), notBefore: inDays(-1000), notAfter: inDays(3000),
    extensions: [makeExtension(BASIC_CONSTRAINTS, { ca: true, pathLength: parent ? 0 : null }, { critical: true }), makeExtension(KEY_USAGE, ['keyCertSign', 'cRLSign'], { critical: true })],
  }, parent?.sign ?? sign);
  return { der, nameDer, sign };
}
