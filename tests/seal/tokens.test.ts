/** Bids signed by and opened with real keys: RSA on SoftHSM2, SM2 on the software UKey over PKCS#11 and SKF; history keys, pulled keys, locked PINs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBid } from '../../src-main/sealing/open-bid.ts';
import { rehearseOpening } from '../../src-main/sealing/rehearse-opening.ts';
import { sealBid } from '../../src-main/sealing/seal-bid.ts';
import { createSealingMeans } from '../../src-main/sealing/sealing-means.ts';
import { chooseSigner, openersOfFile, readTokenKeys } from '../../src-main/sealing/token-keys.ts';
import { unwrapShares } from '../../src-main/sealing/unwrap-shares.ts';
import type { OpenerCertificate } from '../../src-shared/seal/opener.ts';
import { softUkeyMissing } from '../support/soft-ukey.ts';
import type { TokenSession } from '../../src-main/token/token-port.ts';
import { bytes, makeEnvelope } from '../token/token-fixtures.ts';
import { refOf } from '../support/key-kinds.ts';
import { createTestAuthorities, equipContainer, equipKey, kindNamed, type EquippedKey, type TestAuthorities } from './support/token-world.ts';
import { codeOf, engine, makeFolder, patterned, readBytes, type SealFolder } from './support/seal-world.ts';

const means = createSealingMeans(engine);
const missing = softUkeyMissing();
const SECOND_CONTAINER = 'ffeeddccbbaa99887766554433221100';
const opensAt = new Date(Date.now() + 10 * 86_400_000);
const openerOf = (certificateDer: Uint8Array): OpenerCertificate => ({ certificateDer, revocation: 'unknown', revocationAt: null });

let authorities: TestAuthorities;
let folder: SealFolder;
let rsa: EquippedKey;
beforeAll(async () => {
  [authorities, folder] = [await createTestAuthorities(), await makeFolder()];
  rsa = await equipKey(kindNamed('SoftHSM2, RSA'), authorities);
});
afterAll(async () => {
  await rsa?.dispose();
  await authorities?.dispose();
  await folder?.dispose();
});

let made = 0;
const fresh = (): string => folder.path(`file-${made++}`);
const CONTENT = patterned(70_000);

async function sealFor(signer: EquippedKey, groups: Readonly<Record<string, readonly Uint8Array[]>>): Promise<string> {
  const outPath = fresh();
  const session = await signer.logIn();
  try {
    await sealBid({
      suite: 'sm', identity: { bidId: 'B-1', tenderId: 'T-1', lot: '', opensAt }, documents: [await folder.document('报价.pdf', CONTENT)], outPath, backupPath: null,
      signer: chooseSigner(await readTokenKeys(session), new Date()), groups: Object.entries(groups).map(([name, certificates]) => ({ name, openers: certificates.map(openerOf) })),
    }, means);
  } finally {
    await session.close();
  }
  return outPath;
}

async function opensWith(path: string, key: EquippedKey): Promise<string> {
  const session = await key.logIn();
  try {
    const { recipients } = await readTokenKeys(session);
    const out = fresh();
    const code = await codeOf(openersOfFile(path, recipients, means).then((mine) => openBid(path, { recipients: mine }, out, means)));
    if (code === 'OK') expect(Buffer.from(await readBytes(`${out}/报价.pdf`)).equals(CONTENT)).toBe(true);
    return code;
  } finally {
    await session.close();
  }
}

test('ok: RSA key signs and opens; refuses: a bid for another key', async () => {
  expect(await opensWith(await sealFor(rsa, { bidder: [rsa.encryptCertificateDer] }), rsa)).toBe('OK');
  const other = await sealFor(rsa, { bidder: [await authorities.rsa.issue(await otherSpki(), '/CN=other', 'keyEncipherment')] });
  expect(await opensWith(other, rsa)).toBe('SEAL_NOT_AN_OPENER');
});

const otherSpki = async (): Promise<Uint8Array> => {
  const session = await rsa.logIn();
  try {
    const { publicKeySpkiDer } = await session.generateSigningKeyPair('0'.repeat(31) + '9', 'rsa-2048');
    return makeEnvelope(publicKeySpkiDer).publicKeySpkiDer;
  } finally {
    await session.close();
  }
};

describe.skipIf(missing !== null)('with software UKeys', () => {
  let sm2: EquippedKey;
  let skf: EquippedKey;
  beforeAll(async () => {
    sm2 = await equipKey(kindNamed('soft UKey PKCS#11, SM2'), authorities);
    skf = await equipKey(kindNamed('soft UKey SKF, SM2'), authorities);
  });
  afterAll(async () => {
    await sm2?.dispose();
    await skf?.dispose();
  });

  test('ok: openers with RSA and SM2 keys in one bid, each opens alone, whatever the driver', async () => {
    const path = await sealFor(skf, { bidder: [rsa, sm2, skf].map(({ encryptCertificateDer }) => encryptCertificateDer) });
    for (const key of [rsa, sm2, skf]) expect(await opensWith(path, key)).toBe('OK');
  });

  test('ok: two groups, their keys plugged one after the other; a single one is not enough, and proves its share', async () => {
    const path = await sealFor(sm2, { bidder: [sm2.encryptCertificateDer, rsa.encryptCertificateDer], tenderer: [skf.encryptCertificateDer] });
    expect(await opensWith(path, skf)).toBe('SEAL_SHARE_MISSING');
    const shares = [];
    for (const key of [rsa, skf]) {
      const session = await key.logIn();
      const mine = await openersOfFile(path, (await readTokenKeys(session)).recipients, means);
      expect(await rehearseOpening(path, mine, means)).toMatchObject({ keys: [{ refusal: null }], opened: false });
      shares.push(...(await unwrapShares(path, mine, means)));
      await session.close();
    }
    await openBid(path, { recipients: [], shares }, fresh(), means);
  });

  test('ok: SKF opens by importing the session key; a call of the vendor is not needed', async () => {
    const path = await sealFor(skf, { bidder: [skf.encryptCertificateDer] });
    await skf.key.soft?.fault('SKF_ECCDecrypt', 0, 'return', '0x0A000001');
    expect(await opensWith(path, skf)).toBe('OK');
    await skf.key.soft?.fault('SKF_ImportSessionKey', 0, 'return', '0x0A000001');
    expect(await opensWith(path, skf)).toBe('SEAL_UNWRAP_FAILED');
    await skf.key.soft?.clearFaults();
  });

  for (const name of ['sm2', 'skf', 'rsa'] as const) {
    test(`ok: a bid sealed before a renewal opens with the history key (${name}), found by its certificate`, async () => {
      const key = { sm2, skf, rsa }[name];
      const before = await sealFor(key, { bidder: [key.encryptCertificateDer] });
      const session = await key.logIn();
      const renewed = await equipContainer(session, key.kind.algorithm, authorities, SECOND_CONTAINER);
      await session.close();
      const after = await sealFor(key, { bidder: [renewed.encryptCertificateDer] });
      expect([await opensWith(before, key), await opensWith(after, key)]).toEqual(['OK', 'OK']);
    });
  }

  test('ok: a key whose certificate is no longer on it is found by a certificate known from elsewhere', async () => {
    const path = await sealFor(sm2, { bidder: [sm2.encryptCertificateDer] });
    const session = await sm2.logIn();
    const bare = withoutCertificates(session);
    expect(await codeOf(openersOfFile(path, (await readTokenKeys(bare)).recipients, means))).toBe('SEAL_NOT_AN_OPENER');
    const [mine] = await openersOfFile(path, (await readTokenKeys(bare, [rsa.encryptCertificateDer, sm2.encryptCertificateDer])).recipients, means);
    await openBid(path, { recipients: mine ? [mine] : [] }, fresh(), means);
    await session.close();
  });

  test('refuses: a key that is pulled; nothing is written; another key of the group still opens', async () => {
    const path = await sealFor(sm2, { bidder: [sm2.encryptCertificateDer, skf.encryptCertificateDer] });
    const session = await sm2.logIn();
    const mine = await openersOfFile(path, (await readTokenKeys(session)).recipients, means);
    await sm2.key.remove();
    const names = (await folder.names()).length;
    expect(await codeOf(openBid(path, { recipients: mine }, folder.path('pulled'), means))).toBe('TOKEN_REMOVED');
    expect((await rehearseOpening(path, mine, means)).keys[0]?.refusal).toMatch(/^TOKEN_/);
    expect((await folder.names()).length).toBe(names);
    await session.close();
    expect(await opensWith(path, skf)).toBe('OK');
    await sm2.key.insert();
    expect(await opensWith(path, sm2)).toBe('OK');
  });

  test('refuses: the signing key pulled while sealing; nothing is left', async () => {
    const session = await sm2.logIn();
    const signer = chooseSigner(await readTokenKeys(session), new Date());
    const [document, names] = [await folder.document('a.pdf', patterned(20 << 20)), await folder.names()];
    let pulled: Promise<void> | null = null;
    const sealing = sealBid({
      suite: 'sm', identity: { bidId: 'B-1', tenderId: 'T-1', lot: '', opensAt }, documents: [document], outPath: folder.path('pulled.bid'), backupPath: folder.path('pulled.bak'), ticket: { group: 'bidder', path: folder.path('pulled.ticket') },
      signer: { ...signer, sign: async (message) => { await pulled; return signer.sign(message); } }, groups: [{ name: 'bidder', openers: [openerOf(sm2.encryptCertificateDer)] }, { name: 'tenderer', openers: [openerOf(skf.encryptCertificateDer)] }],
    }, means, { onProgress: () => void (pulled ??= sm2.key.remove()) });
    expect(await codeOf(sealing)).toBe('TOKEN_REMOVED');
    expect(await folder.names()).toEqual(names);
    await session.close();
    await sm2.key.insert();
  });

  test('refuses: a locked PIN, before anything is touched; the other key of the group still opens', async () => {
    const path = await sealFor(rsa, { bidder: [rsa.encryptCertificateDer, sm2.encryptCertificateDer] });
    await sm2.key.soft?.lock();
    expect(await codeOf(sm2.client.logIn(refOf(sm2.key), bytes(sm2.key.pin)))).toBe('PIN_LOCKED');
    expect(await opensWith(path, rsa)).toBe('OK');
  });
});

/** The same login, seen as if no decryption certificate lay on the key. */
function withoutCertificates(session: TokenSession): TokenSession {
  const listContainers = async () => (await session.listContainers()).map((one) => ({ ...one, encrypt: { ...one.encrypt, certificateDer: null } }));
  return new Proxy(session, {
    get(target, name) {
      const value: unknown = name === 'listContainers' ? listContainers : Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
