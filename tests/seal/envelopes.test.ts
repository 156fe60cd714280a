/** Envelopes of another form than the recipient's key has: no key is ever asked to open them. Of openers in a bid, and of a hall that takes an answer. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealBid } from '../../src-main/sealing/seal-bid.ts';
import { withSealedFile } from '../../src-main/sealing/sealed-file.ts';
import { meansFor } from '../../src-main/sealing/sealing-means.ts';
import { derElement, derInteger, derOctetString, derSequence, derTime, derUtf8String } from '../../src-shared/asn1/der-writer.ts';
import { TAG } from '../../src-shared/asn1/tags.ts';
import { DerReader } from '../../src-shared/asn1/der-reader.ts';
import { readEnvelopedData, writeEnvelopedData, type EnvelopedData } from '../../src-shared/cms/enveloped-data.ts';
import type { EnvelopeRecipient } from '../../src-shared/cms/envelope.ts';
import { readSignedData } from '../../src-shared/cms/signed-data.ts';
import { findOpener, unwrapOwnShare, unwrapShares } from '../../src-shared/seal/collect-shares.ts';
import { signOne } from '../../src-shared/seal/one-signature.ts';
import { acceptAnswer, answerChallenge, makeChallenge } from '../../src-shared/seal/remote-share.ts';
import { readHeader, writeHeader, type SealHeader } from '../../src-shared/seal/seal-header.ts';
import { writeSm2Ciphertext } from '../../src-shared/sm/sm2-der.ts';
import { bidOf, codeOf, makeFolder, makePeople, means as sealing, NOW, patterned, random, type People, type SealFolder } from './support/seal-world.ts';

const means = meansFor(sealing, 'sm');
let people: People;
let folder: SealFolder;
/** One group: an SM2 opener, a second one, an RSA opener. */
let header: SealHeader;
beforeAll(async () => {
  [people, folder] = [await makePeople(), await makeFolder()];
  const outPath = folder.path('a.bid');
  const openers = [people.openerSm2.opener, people.secondSm2.opener, people.openerRsa.opener];
  await sealBid(bidOf(people, { documents: [await folder.document('a.pdf', patterned(10))], outPath, groups: [{ name: 'bidder', openers }] }), sealing);
  header = await withSealedFile(outPath, sealing, async (file) => file.header);
});
afterAll(() => folder.dispose());

/** On no curve: 01…01 is no solution of any of them that is in use here. */
const OFF_CURVE = new Uint8Array(65).fill(1).fill(4, 0, 1);
const sm2Ciphertext = (maskedBytes: number): Uint8Array => writeSm2Ciphertext({ point: OFF_CURVE, digest: random(32), masked: random(maskedBytes) });

type Form = Pick<EnvelopedData, 'family' | 'cipher' | 'encryptedContent'> & { readonly algorithm: 'sm2' | 'rsa-oaep-sha1'; readonly encryptedKey: Uint8Array };
const rsaForm = (encryptedKey: Uint8Array, contentBytes: number): Form => ({ family: 'rfc5652', cipher: 'aes-256-cbc', algorithm: 'rsa-oaep-sha1', encryptedKey, encryptedContent: random(contentBytes) });
const sm2Form = (contentBytes: number): Form => ({ family: 'gm', cipher: 'sm4-cbc', algorithm: 'sm2', encryptedKey: sm2Ciphertext(16), encryptedContent: random(contentBytes) });

function reshaped(envelopeDer: Uint8Array, { algorithm, encryptedKey, ...form }: Form): Uint8Array {
  const { recipients, iv } = readEnvelopedData(envelopeDer);
  return writeEnvelopedData({ ...form, iv, recipients: recipients.map(({ recipient }) => ({ recipient, algorithm, encryptedKey })) }, 'standard');
}

/** A key that counts how often it is asked. */
function counting(recipient: EnvelopeRecipient): { readonly recipient: EnvelopeRecipient; readonly asked: () => number } {
  let asked = 0;
  const ask = (bytes: Uint8Array): Promise<Uint8Array> => {
    asked++;
    return recipient.decrypt(bytes);
  };
  return { recipient: { certificateDer: recipient.certificateDer, decrypt: ask }, asked: () => asked };
}

describe('openers', () => {
  const withForm = (at: number, form: Form): SealHeader =>
    readHeader(writeHeader({ ...header, groups: header.groups.map((group) => group.map((opener, i) => (i === at ? { ...opener, envelopeDer: reshaped(opener.envelopeDer, form) } : opener))) }));

  async function unwrapped(at: number, form: Form, person: { readonly recipient: EnvelopeRecipient }): Promise<readonly [string, number]> {
    const hostile = withForm(at, form);
    const key = counting(person.recipient);
    const place = findOpener(hostile, person.recipient.certificateDer, means.suite) ?? expect.unreachable();
    return [await codeOf(unwrapOwnShare(hostile, place, key.recipient, means.suite, means.engine)), key.asked()];
  }

  test('refuses: the form of RSA for an SM2 key, whatever point is inside; of SM2 for an RSA key; an RSA key of another length. No key is asked', async () => {
    for (const encryptedKey of [sm2Ciphertext(32), random(256)]) expect(await unwrapped(0, rsaForm(encryptedKey, 48), people.openerSm2)).toEqual(['SEAL_ENVELOPE_MALFORMED', 0]);
    const good = readEnvelopedData(header.groups[0]?.[0]?.envelopeDer ?? new Uint8Array(0));
    const [sm2 = expect.unreachable()] = good.recipients;
    expect(await unwrapped(2, { ...good, algorithm: 'sm2', encryptedKey: sm2.encryptedKey }, people.openerRsa)).toEqual(['SEAL_ENVELOPE_MALFORMED', 0]);
    expect(await unwrapped(2, rsaForm(random(255), 48), people.openerRsa)).toEqual(['SEAL_ENVELOPE_MALFORMED', 0]);
    // The counter counts: the right form reaches the key, and what it holds is nothing.
    expect(await unwrapped(2, rsaForm(Uint8Array.of(0, ...random(255)), 48), people.openerRsa)).toEqual(['SEAL_UNWRAP_FAILED', 1]);
  });

  test('ok: another key of the same group still opens; refuses by name when there is none', async () => {
    const hostile = withForm(0, rsaForm(sm2Ciphertext(32), 48));
    const key = counting(people.openerSm2.recipient);
    const shares = await unwrapShares(hostile, [key.recipient, people.secondSm2.recipient], [], means.suite, means.engine);
    expect([[...shares.keys()], key.asked()]).toEqual([[0], 0]);
    await expect(unwrapShares(hostile, [key.recipient], [], means.suite, means.engine)).rejects.toMatchObject({ code: 'SEAL_ENVELOPE_MALFORMED', details: { group: 'bidder' } });
  });
});

describe('answers', () => {
  /** The answer of an opener, its envelope exchanged, signed anew. */
  async function answered(hall: People['stranger'], envelopeOf: (right: Uint8Array) => Uint8Array): Promise<readonly [string, number]> {
    const times = { issuedAt: NOW, expiresAt: new Date(NOW.getTime() + 600_000) };
    const challenge = await makeChallenge(header, { certificateDer: hall.certificateDer, signer: people.stranger.signer }, times, means);
    const answer = await answerChallenge(challenge, header, { recipient: people.openerSm2.recipient, signer: people.bidderSm2.signer }, NOW, means);
    const inside = DerReader.open(readSignedData(answer).content ?? new Uint8Array(0)).readSequence('answer');
    const [label, digest, sealId, group, fingerprint] = [inside.readString('label').text, inside.readOctetString('digest'), inside.readOctetString('seal id'), inside.readInteger('group'), inside.readOctetString('fingerprint')];
    inside.readTime('answered at');
    const content = derSequence(derUtf8String(label), derOctetString(digest), derOctetString(sealId), derInteger(group), derOctetString(fingerprint), derTime(NOW), derElement(TAG.OCTET_STRING, envelopeOf(Uint8Array.from(inside.readOctetString('envelope')))));
    const key = counting(hall.recipient);
    const message = await signOne(people.bidderSm2.signer, { kind: 'attached', bytes: content }, NOW, means.crypto);
    return [await codeOf(acceptAnswer(message, challenge, header, key.recipient, NOW, means)), key.asked()];
  }

  test('ok: the one form of the hall’s key, SM2 and RSA', async () => {
    for (const hall of [people.stranger, people.openerRsa]) expect(await answered(hall, (right) => right)).toEqual(['OK', 1]);
  });

  test('refuses: a point off the curve, the form of another key, contents of another length, other ciphers. No key is asked', async () => {
    const { stranger, openerRsa } = people;
    const invalid = ['SEAL_ANSWER_INVALID', 0];
    expect(await answered(stranger, (right) => reshaped(right, sm2Form(80)))).toEqual(invalid);
    for (const encryptedKey of [sm2Ciphertext(32), random(256)]) expect(await answered(stranger, (right) => reshaped(right, rsaForm(encryptedKey, 80)))).toEqual(invalid);
    expect(await answered(openerRsa, (right) => reshaped(right, sm2Form(80)))).toEqual(invalid);
    for (const hall of [stranger, openerRsa]) {
      const longer = (right: Uint8Array) => { const data = readEnvelopedData(right); return writeEnvelopedData({ ...data, encryptedContent: Uint8Array.of(...data.encryptedContent, ...random(16)) }, 'standard'); };
      expect(await answered(hall, longer)).toEqual(invalid);
      const doubled = (right: Uint8Array) => { const data = readEnvelopedData(right); return writeEnvelopedData({ ...data, recipients: [...data.recipients, ...data.recipients] }, 'standard'); };
      expect(await answered(hall, doubled)).toEqual(invalid);
    }
    expect(await answered(stranger, (right) => writeEnvelopedData({ ...readEnvelopedData(right), cipher: 'aes-128-cbc' }, 'standard'))).toEqual(invalid);
    expect(await answered(stranger, (right) => writeEnvelopedData({ ...readEnvelopedData(right), family: 'rfc5652' }, 'standard'))).toEqual(invalid);
    expect(await answered(stranger, (right) => writeEnvelopedData(readEnvelopedData(right), 'gmssl'))).toEqual(invalid);
  });
});
