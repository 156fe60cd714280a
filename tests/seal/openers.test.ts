/** What is looked at before sealing: use, validity past the opening, chain, revocation with the time of the data, from the folder or fresh from the network. And chains of signers when verifying. */
import { createServer, type Server } from 'node:http';
import { readdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkOpeners, openersOf, type OpenerFinding } from '../../src-main/sealing/check-openers.ts';
import { openCrlCache } from '../../src-main/sealing/crl-cache.ts';
import { fetchBytes } from '../../src-main/sealing/fetch-bytes.ts';
import { sealBid } from '../../src-main/sealing/seal-bid.ts';
import { trustIn } from '../../src-main/sealing/trust.ts';
import { requireTrustedSigners, verifyBid } from '../../src-main/sealing/verify-bid.ts';
import { generateSm2KeyPair } from '../../src-shared/sm/sm2-key.ts';
import { sm2Signer } from '../../src-shared/sm/sm-provider.ts';
import { parseCertificate } from '../../src-shared/x509/certificate.ts';
import { buildEcPublicKeyInfo } from '../../src-shared/x509/public-key-info.ts';
import type { KeyUsageName } from '../../src-shared/x509/extensions/key-usage.ts';
import { createSealAuthority, type SealAuthority } from './support/seal-authority.ts';
import { bidOf, codeOf, engine, makeFolder, makePeople, means, NOW, patterned, random, type People, type SealFolder } from './support/seal-world.ts';

let authority: SealAuthority;
let folder: SealFolder;
let people: People;
beforeAll(async () => {
  [authority, folder, people] = [await createSealAuthority('标书测试'), await makeFolder(), await makePeople()];
});
afterAll(() => folder.dispose());

const pair = generateSm2KeyPair(random);
const publicKeySpkiDer = buildEcPublicKeyInfo('sm2', pair.publicKey);
const OPENS_AT = new Date('2026-09-01T01:00:00Z');
const OPENING: readonly KeyUsageName[] = ['keyEncipherment', 'dataEncipherment'];
const issue = (serialHex: string, more: { notAfter?: Date; usages?: readonly KeyUsageName[]; crlAddress?: string } = {}) => authority.issue({ name: '投标人', usages: OPENING, serialHex, publicKeySpkiDer, ...more });

async function check(certificateDer: Uint8Array, crls: readonly Uint8Array[] | null, tested: readonly string[] = []): Promise<OpenerFinding> {
  const trust = crls && trustIn([authority.rootDer, authority.issuingDer], crls);
  const [finding] = await checkOpeners([{ name: 'bidder', certificates: [certificateDer] }], { opensAt: OPENS_AT, trust, tested: new Set(tested) }, means);
  return finding ?? expect.unreachable();
}

describe('openers', () => {
  test('ok: good, with the time of the list; a single opener that nobody tried is warned of', async () => {
    const der = await issue('31');
    const found = await check(der, await authority.crls(['99']));
    expect(found).toMatchObject({ refusal: null, revocation: 'good', revocationAt: new Date(NOW.getTime() - 86_400_000), warnings: ['single-untested'], label: '投标人', tested: false });
    expect((await check(der, await authority.crls([]), [found.sha256Hex])).warnings).toEqual([]);
    expect(openersOf([found])).toEqual([{ name: 'bidder', openers: [{ certificateDer: der, revocation: 'good', revocationAt: found.revocationAt }] }]);
  });

  test('refuses: a revoked one, also when the list is over', async () => {
    const der = await issue('32');
    for (const times of [{ from: -1, to: 5 }, { from: -9, to: -2 }]) {
      const found = await check(der, await authority.crls(['32'], times));
      expect(found).toMatchObject({ revocation: 'revoked', refusal: 'revoked' });
      expect(() => openersOf([found])).toThrow(expect.objectContaining({ code: 'SEAL_OPENER_REFUSED' }));
    }
  });

  test('ok: no list, an old one, a foreign one: unknown, never good', async () => {
    const der = await issue('33');
    const other = await (await createSealAuthority('标书测试')).crls([]);
    for (const crls of [[], await authority.crls([], { from: -9, to: -2 }), other]) expect(await check(der, crls)).toMatchObject({ revocation: 'unknown', revocationAt: null, refusal: null, warnings: ['single-untested', 'revocation-unknown'] });
    expect((await check(der, null)).warnings).toEqual(['single-untested', 'chain-not-checked', 'revocation-unknown']);
  });

  test('refuses: what expires before the opening, what is not for encryption, what its authority did not sign; warns: what expires soon after', async () => {
    const crls = await authority.crls([]);
    expect((await check(await issue('34', { notAfter: new Date('2026-08-31T00:00:00Z') }), crls)).refusal).toBe('expires before the opening');
    expect((await check(await issue('35', { notAfter: new Date('2026-07-01T00:00:00Z') }), crls)).refusal).toBe('expires before the opening');
    expect((await check(await issue('36', { usages: ['digitalSignature'] }), crls)).refusal).toBe('not for encryption');
    const soon = await check(await issue('37', { notAfter: new Date('2026-09-04T00:00:00Z') }), crls);
    expect([soon.refusal, soon.warnings]).toEqual([null, ['single-untested', 'expires-soon']]);
    const forged = (await issue('38')).map((byte, i, all) => (i === all.length - 3 ? byte ^ 1 : byte));
    expect((await check(forged, crls)).refusal).toBe('SIGNATURE_INVALID');
    expect(await check(people.openerSm2.certificateDer, crls)).toMatchObject({ refusal: null, warnings: ['single-untested', 'issuer-unknown', 'revocation-unknown'] });
  });
});

describe('revocation lists', () => {
  let server: Server;
  let address: string;
  let served: Uint8Array | null = null;
  beforeAll(async () => {
    server = createServer((_request, response) => {
      response.statusCode = served ? 200 : 404;
      response.end(served ?? '');
    });
    await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/issuing.crl`;
  });
  afterAll(() => new Promise<void>((closed) => void server.close(() => closed())));

  const cacheIn = (name: string, online = true) => openCrlCache(folder.path(name), online ? fetchBytes : null, means);
  const issuers = () => [authority.rootDer, authority.issuingDer];

  test('ok: fetched once, kept for when there is no network; a newer one replaces it, an older one does not', async () => {
    const der = await issue('41', { crlAddress: address });
    const [older = new Uint8Array(0)] = await authority.crls([], { from: -3, to: 5 });
    const [newer = new Uint8Array(0), ofRoot = new Uint8Array(0)] = await authority.crls(['41'], { from: -1, to: 5 });
    served = newer;
    expect(await cacheIn('crls').refresh([der], issuers())).toEqual([{ address, problem: null }]);
    expect(await cacheIn('crls').add(ofRoot, authority.rootDer)).toBe(true);
    const offline = cacheIn('crls', false);
    expect(await offline.refresh([der], issuers())).toEqual([]);
    expect(await check(der, await offline.all())).toMatchObject({ refusal: 'revoked' });
    expect(await offline.add(older, authority.issuingDer)).toBe(false);
    expect((await offline.all()).length).toBe(2);
    expect((await readdir(folder.path('crls'))).filter((name) => !name.endsWith('.crl'))).toEqual([]);
  });

  test('refuses: lists of others, damaged ones, none at all; the folder stays as it is', async () => {
    const der = await issue('42', { crlAddress: address });
    const [good = new Uint8Array(0)] = await authority.crls([]);
    const [foreign = new Uint8Array(0)] = await (await createSealAuthority('标书测试')).crls([]);
    for (const wrong of [foreign, good.map((byte, i, all) => (i === all.length - 3 ? byte ^ 1 : byte)), Uint8Array.of(1, 2, 3), null]) {
      served = wrong;
      const [answer] = await cacheIn('empty').refresh([der], issuers());
      expect(answer?.problem).not.toBeNull();
    }
    const nowhere = await issue('43', { crlAddress: 'http://127.0.0.1:1/x.crl' });
    expect((await cacheIn('empty').refresh([nowhere], issuers()))[0]?.problem).toBe('not reachable');
    expect(await cacheIn('empty').all()).toEqual([]);
    await cacheIn('damaged').add(good, authority.issuingDer);
    const [name = ''] = await readdir(folder.path('damaged'));
    await writeFile(folder.path(`damaged/${name}`), 'x');
    expect(await cacheIn('damaged').all()).toEqual([]);
    expect(await cacheIn('damaged').add(good, authority.issuingDer)).toBe(true);
  });
});

describe('signers', () => {
  async function signedBy(serialHex: string, more: { notAfter?: Date; usages?: readonly KeyUsageName[] } = {}): Promise<string> {
    const certificateDer = await authority.issue({ name: '投标人', usages: ['digitalSignature', 'nonRepudiation'], serialHex, publicKeySpkiDer, ...more });
    const outPath = folder.path(`signed-${serialHex}`);
    await sealBid(bidOf(people, { documents: [await folder.document('a.pdf', patterned(10))], outPath, signer: { certificateDer, sign: sm2Signer(engine, pair.privateKey, random) } }), means);
    return outPath;
  }
  const verified = async (path: string, crls: readonly Uint8Array[] | null) => verifyBid(path, means, { trust: crls && trustIn([authority.rootDer, authority.issuingDer], crls) });

  test('ok: a signer whose chain leads to a trusted authority; without one nothing is claimed', async () => {
    const path = await signedBy('51');
    const answer = await verified(path, await authority.crls([]));
    expect(answer.signers).toMatchObject([{ signedAt: NOW, timeStamp: null, trust: { status: 'trusted', revocation: { state: 'good' } } }]);
    requireTrustedSigners(answer);
    const unasked = await verified(path, null);
    expect(unasked.signers[0]?.trust).toEqual({ status: 'not-checked' });
    expect(() => requireTrustedSigners(unasked)).toThrow(expect.objectContaining({ code: 'SEAL_SIGNER_UNTRUSTED' }));
  });

  test('refuses: revoked, expired, not for signing, of a stranger', async () => {
    const crls = await authority.crls(['52']);
    const codes = [];
    for (const path of [await signedBy('52'), await signedBy('53', { notAfter: new Date('2026-07-30T00:00:00Z') }), await signedBy('54', { usages: ['keyEncipherment'] })]) {
      codes.push(await codeOf(verified(path, crls).then(requireTrustedSigners)));
    }
    const outPath = folder.path('stranger');
    await sealBid(bidOf(people, { documents: [await folder.document('a.pdf', patterned(10))], outPath }), means);
    codes.push(await codeOf(verified(outPath, crls).then(requireTrustedSigners)));
    expect(codes).toEqual(Array.from({ length: 4 }, () => 'SEAL_SIGNER_UNTRUSTED'));
  });

  const revocationOf = async (path: string, crls: readonly Uint8Array[]) => {
    const [signer] = (await verified(path, crls)).signers;
    return signer?.trust.status === 'trusted' ? signer.trust.revocation : expect.unreachable();
  };
  const DAY_MS = 86_400_000;
  const inDays = (days: number): Date => new Date(NOW.getTime() + days * DAY_MS);
  const REVOKED_AT = inDays(-20);

  test('refuses: who was revoked, also by a list that was made after the certificate had ended, or that is over', async () => {
    const path = await signedBy('55', { notAfter: inDays(2) });
    for (const [from, to] of [[-1, 5], [1, 10], [3, 10], [-9, -2]] as const) {
      const crls = await authority.crls(['55'], { from, to });
      expect(await revocationOf(path, crls)).toEqual({ state: 'revoked', at: inDays(from), revokedAt: REVOKED_AT });
      expect(await codeOf(verified(path, crls).then(requireTrustedSigners))).toBe('SEAL_SIGNER_UNTRUSTED');
    }
  });

  test('ok: a list from after its end that does not name a certificate says nothing of it; the last one before does', async () => {
    const path = await signedBy('56', { notAfter: inDays(2) });
    const after = await authority.crls([], { from: 3, to: 10 });
    expect(await revocationOf(path, after)).toEqual({ state: 'unknown', at: null, revokedAt: null });
    expect(await revocationOf(path, [...(await authority.crls([], { from: 1, to: 2 })), ...after])).toEqual({ state: 'good', at: inDays(1), revokedAt: null });
    expect(await revocationOf(path, [...after, ...(await authority.crls(['56'], { from: 1, to: 2 }))])).toEqual({ state: 'revoked', at: inDays(1), revokedAt: REVOKED_AT });
    // Held, and given back before the end: the newer of the two decides.
    expect(await revocationOf(path, [...(await authority.crls(['56'], { from: -1, to: 2 })), ...after, ...(await authority.crls([], { from: 1, to: 2 }))])).toMatchObject({ state: 'good', at: inDays(1) });
  });

  test('refuses: a signer whose authority is revoked, whether or not there is a list of its own; a newer list that somebody else signed changes nothing', async () => {
    const path = await signedBy('57');
    const [own, ofRoot] = await authority.crls(['57'], { from: -1, to: 5 }, { revokedByRoot: [parseCertificate(authority.issuingDer).serialHex] });
    for (const crls of [[ofRoot], [own, ofRoot], [own]]) expect(await revocationOf(path, crls.filter((one) => one !== undefined))).toMatchObject({ state: 'revoked' });
    const foreign = await (await createSealAuthority('标书测试')).crls([], { from: 1, to: 9 });
    expect(await revocationOf(path, [...foreign, own ?? expect.unreachable()])).toMatchObject({ state: 'revoked', at: inDays(-1) });
    const [unrevoked] = await authority.crls([]);
    // Of the issuing authority nothing is known: not good.
    expect(await revocationOf(path, [unrevoked ?? expect.unreachable()])).toEqual({ state: 'unknown', at: null, revokedAt: null });
  });
});
