/** 远程解密: to whom a share goes. The certificate that gets it and the one that signed the request are judged and shown apart; what is doubtful is given only after the receiver's name was typed. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { toPem } from '#shared/x509/pem.ts';
import { openCrlCache } from '../../src-main/sealing/crl-cache.ts';
import { makeShareChallenge } from '../../src-main/sealing/remote-opening.ts';
import { createSealingMeans } from '../../src-main/sealing/sealing-means.ts';
import { opening, signing, sm2Person, type Person } from '../../tools/generators/sealed-bid-vectors/seal-people.ts';
import { createSealAuthority, type SealAuthority } from '../seal/support/seal-authority.ts';
import { engine as smEngine } from '../seal/support/seal-world.ts';
import { softUkeyMissing } from '../support/soft-ukey.ts';
import { random } from '../token/sm2-fixtures.ts';
import { createBidWorld, inDays, TENDERER, type BidWorld } from './support/bid-world.ts';
import { makeForeignBids } from './support/foreign-bids.ts';

const missing = softUkeyMissing();
const means = createSealingMeans(smEngine);
const STRANGER = '另一家公司';

describe.skipIf(missing !== null)(`who gets a share${missing ? ` (${missing})` : ''}`, () => {
  let world: BidWorld;
  let authority: SealAuthority;
  let bidPath: string;
  /** Certificates of one authority: who signs requests, and two who could get the share. */
  let signer: Person;
  let hall: Uint8Array;
  let stranger: Uint8Array;
  const call: BidWorld['engine']['call'] = (method, input) => world.engine.call(method, input);
  const authorities = () => join(world.folder, 'data', 'bids', 'authorities');
  const list = async (revoked: readonly string[], day: number) => {
    const days = Math.ceil((Date.now() - Date.parse('2026-08-01T09:30:00Z')) / 86_400_000);
    const lists = openCrlCache(join(authorities(), 'lists'), null, means);
    for (const one of await authority.crls(revoked, { from: days - day, to: days + 5 })) for (const issuer of [authority.issuingDer, authority.rootDer]) await lists.add(one, issuer);
  };
  beforeAll(async () => {
    [world, authority] = await Promise.all([createBidWorld(), createSealAuthority('开标机构')]);
    [bidPath = ''] = await makeForeignBids({ folder: world.path('bids'), count: 1, groups: { bidder: [world.bidder.encryptCertificateDer] }, opensAt: new Date(inDays(-1)) });
    const issue = (person: Person, name: string, serialHex: string, usages: ('digitalSignature' | 'keyEncipherment')[]) =>
      authority.issue({ name, serialHex, usages, publicKeySpkiDer: parseCertificate(person.certificateDer).publicKeySpkiDer, notAfter: new Date(inDays(100)) });
    const person = await sm2Person(signing(TENDERER, '51'), smEngine, random);
    signer = { ...person, signer: { ...person.signer, certificateDer: await issue(person, TENDERER, '51', ['digitalSignature']) } };
    hall = await issue(await sm2Person(opening(TENDERER, '52'), smEngine, random), TENDERER, '52', ['keyEncipherment']);
    stranger = await issue(await sm2Person(opening(STRANGER, '53'), smEngine, random), STRANGER, '53', ['keyEncipherment']);
  });
  afterAll(() => world?.dispose());

  let count = 0;
  async function asked(certificateDer: Uint8Array) {
    const challengePath = world.path(`${++count}.challenge`);
    await writeFile(challengePath, await makeShareChallenge(bidPath, { certificateDer, signer: signer.signer }, 600_000, means));
    const facts = await call('shares.inspect', { bidPath, challengePath });
    const answer = (more: { readonly typedReceiver?: string; readonly receiverSha256?: string } = {}) => call('shares.answer', { bidPath, challengePath, outPath: world.path(`${count}-${++answers}.answer`), ...world.with(world.bidder), ...more });
    return { facts, answer };
  }
  let answers = 0;

  it('refuses: without authorities, unless the name of who gets the share was typed; the signer’s name does not do', async () => {
    const { facts, answer } = await asked(stranger);
    expect(facts).toMatchObject({ signer: { subjectCommonName: TENDERER }, hall: { subjectCommonName: STRANGER }, signerTrust: 'not-checked', hallTrust: 'not-checked', sameHolder: false, confirmation: STRANGER });
    await expect(answer()).rejects.toMatchObject({ code: 'SHARE_RECEIVER_UNCONFIRMED', details: { receiver: STRANGER } });
    await expect(answer({ typedReceiver: TENDERER })).rejects.toMatchObject({ code: 'SHARE_RECEIVER_UNCONFIRMED' });
    expect((await answer({ typedReceiver: ` ${STRANGER}` })).sizeBytes).toBeGreaterThan(0);
  });

  it('ok: with both trusted and of one holder nothing is typed; refuses: another receiver than was shown', async () => {
    await writeFile(join(authorities(), 'hall.pem'), toPem('CERTIFICATE', authority.rootDer) + toPem('CERTIFICATE', authority.issuingDer));
    const { facts, answer } = await asked(hall);
    expect(facts).toMatchObject({ signerTrust: 'trusted', hallTrust: 'trusted', sameHolder: true, confirmation: null });
    await expect(answer({ receiverSha256: facts.signer.sha256Hex })).rejects.toMatchObject({ code: 'SHARE_RECEIVER_UNCONFIRMED' });
    expect((await answer({ receiverSha256: facts.hall.sha256Hex })).sizeBytes).toBeGreaterThan(0);
  });

  it('refuses: a receiver that is trusted and somebody else than who signed, and one that was revoked, unless typed', async () => {
    const other = await asked(stranger);
    expect(other.facts).toMatchObject({ signerTrust: 'trusted', hallTrust: 'trusted', sameHolder: false, confirmation: STRANGER });
    await expect(other.answer()).rejects.toMatchObject({ code: 'SHARE_RECEIVER_UNCONFIRMED' });
    await list(['52'], 1);
    const revoked = await asked(hall);
    expect(revoked.facts).toMatchObject({ signerTrust: 'trusted', hallTrust: 'revoked', sameHolder: true, confirmation: TENDERER });
    await expect(revoked.answer()).rejects.toMatchObject({ code: 'SHARE_RECEIVER_UNCONFIRMED' });
  });
});
