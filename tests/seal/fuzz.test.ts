/** Mutated headers, trailers, manifests, messages, tickets and descriptions, from a fixed seed: each is refused by a code of its part, or read as what it is, octet for octet. */
import { beforeAll, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { derContext, derSequence } from '../../src-shared/asn1/der-writer.ts';
import { fromBase64 } from '../../src-shared/bytes/base64.ts';
import { fromHex } from '../../src-shared/bytes/hex.ts';
import type { EnvelopeRecipient } from '../../src-shared/cms/envelope.ts';
import { readSm2Ciphertext } from '../../src-shared/sm/sm2-der.ts';
import { writeSm2CiphertextRaw } from '../../src-shared/sm/sm2-encrypt.ts';
import { toUtf8 } from '../../src-shared/bytes/utf8.ts';
import { readSignedData } from '../../src-shared/cms/signed-data.ts';
import { readFooter, readPrelude } from '../../src-shared/seal/file-layout.ts';
import { readManifest, writeManifest } from '../../src-shared/seal/manifest.ts';
import { signOne } from '../../src-shared/seal/one-signature.ts';
import { makeTicket, readTicket } from '../../src-shared/seal/rehearsal-ticket.ts';
import { acceptAnswer, answerChallenge, makeChallenge, openChallenge } from '../../src-shared/seal/remote-share.ts';
import { readHeader, writeHeader, type SealHeader } from '../../src-shared/seal/seal-header.ts';
import { readTrailer, writeTrailer } from '../../src-shared/seal/seal-trailer.ts';
import { readTenderDescription, writeTenderDescription } from '../../src-shared/seal/tender-description.ts';
import { readTimeStampResponse, verifyTimeStamp } from '../../src-shared/seal/time-stamp.ts';
import { meansOf, testOnlyFixedRandom } from '../../tools/generators/sealed-bid-vectors/assemble-file.ts';
import { opening, signing, sm2Person, type Person } from '../../tools/generators/sealed-bid-vectors/seal-people.ts';
import type { FileVectors } from '../../tools/generators/sealed-bid-vectors/write.ts';
import { mutated, seededNumbers } from './support/mutate.ts';
import { engine, NOW } from './support/seal-world.ts';

const { vectors, people: vectorPeople } = JSON.parse(readFileSync(new URL('../vectors/sealed-bid/files.json', import.meta.url), 'utf8')) as FileVectors;
const good = vectors.filter(({ expect: wanted }) => wanted === 'OK').map(({ file }) => fromBase64(file));
const headerOf = (file: Uint8Array): Uint8Array => file.slice(16, 16 + readPrelude(file.subarray(0, 16)));
const trailerOf = (file: Uint8Array): Uint8Array => file.slice(-12 - readFooter(file.subarray(-12)), -12);
const headers = good.map(headerOf);
/** Of the plain vector: its manifest stands in the clear at the end of the payload. */
const manifests = good.filter((file) => readHeader(headerOf(file)).core.kind === 'plain').map((file) => {
  const end = file.length - 12 - trailerOf(file).length - 4;
  return readSignedData(file.slice(end - new DataView(file.buffer, file.byteOffset + end).getUint32(0), end)).content ?? new Uint8Array(0);
});

/** Everything from fixed streams: a run that fails fails again. */
const random = testOnlyFixedRandom('fuzz');
const bound = { ...meansOf('fuzz messages', 'sm'), engine };
let signer: Person;
let hall: Person;
let header: SealHeader;
beforeAll(async () => {
  [signer, hall] = [await sm2Person(signing('请求人', '51'), engine, testOnlyFixedRandom('fuzz signer')), await sm2Person(opening('开标厅', '52'), engine, testOnlyFixedRandom('fuzz hall'))];
  const sealed = headers.map((der) => readHeader(der)).find(({ groups }) => groups.length === 2);
  header = sealed ?? expect.unreachable('a vector with two groups');
});

/** The opener of the vectors' first group. */
function openerA(): EnvelopeRecipient {
  const privateKey = fromHex(vectorPeople['openerA']?.privateKeyHex ?? '');
  return { certificateDer: fromBase64(vectorPeople['openerA']?.certificate ?? ''), decrypt: (ciphertext) => engine.sm2Decrypt(privateKey, writeSm2CiphertextRaw(readSm2Ciphertext(ciphertext))) };
}

async function codeOf(read: () => unknown): Promise<string> {
  try {
    await read();
    return 'OK';
  } catch (thrown) {
    return thrown instanceof AppError ? thrown.code : `unexpected: ${String(thrown)}`;
  }
}

/** @returns how often each code came, so that a run which refuses everything at the first octet shows */
async function fuzz(seed: number, runs: number, seeds: readonly Uint8Array[], read: (bytes: Uint8Array) => unknown, allowed: RegExp): Promise<Record<string, number>> {
  const choose = seededNumbers(seed);
  const codes: Record<string, number> = {};
  for (let i = 0; i < runs; i++) {
    const bytes = mutated(seeds, choose);
    const code = await codeOf(() => read(bytes));
    if (!allowed.test(code)) throw new Error(`${code} for ${Buffer.from(bytes).toString('hex')}`);
    codes[code] = (codes[code] ?? 0) + 1;
  }
  return codes;
}

test('refuses or reads exactly: 4000 headers', async () => {
  const codes = await fuzz(1, 4000, headers, (der) => expect(writeHeader(readHeader(der))).toEqual(der), /^(?:OK|SEAL_(?:HEADER_MALFORMED|HEADER_TOO_LARGE|SUITE|GROUPS|OPENER_DUPLICATE|ENVELOPE_MALFORMED|CRITICAL_UNKNOWN))$/);
  expect(Object.keys(codes).length).toBeGreaterThan(4);
});

test('refuses or reads exactly: 3000 manifests', async () => {
  const codes = await fuzz(2, 3000, manifests, (der) => expect(writeManifest(readManifest(der))).toEqual(der), /^(?:OK|SEAL_(?:MANIFEST_MALFORMED|SUITE|DOCUMENT_COUNT|NAME_REFUSED|NAME_DUPLICATE))$/);
  expect(Object.keys(codes).length).toBeGreaterThan(2);
});

test('refuses or reads exactly: 1500 trailers, 1000 preludes and footers', async () => {
  await fuzz(3, 1500, good.map(trailerOf), (der) => expect(writeTrailer(readTrailer(der))).toEqual(der), /^(?:OK|SEAL_TRAILER_MALFORMED)$/);
  await fuzz(4, 500, good.map((file) => file.slice(0, 16)), (bytes) => expect(readPrelude(bytes)).toBeLessThanOrEqual(1 << 20), /^(?:OK|SEAL_(?:NOT_OURS|VERSION|HEADER_TOO_LARGE|HEADER_MALFORMED))$/);
  await fuzz(5, 500, good.map((file) => file.slice(-12)), (bytes) => expect(readFooter(bytes)).toBeLessThanOrEqual(128 << 10), /^(?:OK|SEAL_(?:LENGTH|HEADER_TOO_LARGE|TRAILER_MALFORMED))$/);
});

test('refuses: challenges and answers, mutated inside and signed so, or as messages', async () => {
  const times = { issuedAt: NOW, expiresAt: new Date(NOW.getTime() + 600_000) };
  const challenge = await makeChallenge(header, { certificateDer: hall.certificateDer, signer: signer.signer }, times, bound);
  const contentOf = (message: Uint8Array) => readSignedData(message).content ?? new Uint8Array(0);
  const signed = (bytes: Uint8Array) => signOne(signer.signer, { kind: 'attached', bytes }, NOW, bound.crypto);
  const asked = /^(?:OK|SEAL_CHALLENGE_(?:INVALID|EXPIRED))$/;
  await fuzz(6, 250, [contentOf(challenge)], async (bytes) => openChallenge(await signed(bytes), header, NOW, bound), asked);
  await fuzz(7, 400, [challenge], (message) => openChallenge(message, header, NOW, bound), asked);
  const answer = await answerChallenge(challenge, header, { recipient: openerA(), signer: signer.signer }, NOW, bound);
  const accept = (message: Uint8Array) => acceptAnswer(message, challenge, header, hall.recipient, NOW, bound);
  await accept(answer);
  await fuzz(8, 250, [contentOf(answer)], async (bytes) => accept(await signed(bytes)), /^(?:OK|SEAL_(?:ANSWER_INVALID|SHARE_WRONG))$/);
  await fuzz(13, 400, [answer], accept, /^(?:OK|SEAL_ANSWER_INVALID)$/);
  expect(await codeOf(() => answerChallenge(challenge, header, { recipient: hall.recipient, signer: signer.signer }, NOW, bound))).toBe('SEAL_NOT_AN_OPENER');
});

test('refuses or reads: tickets, time stamps, descriptions of tenders', async () => {
  const suite = bound.suite;
  const ticket = await makeTicket(header.core, 0, [random(32), random(32)], suite);
  await fuzz(9, 800, [ticket], (der) => readTicket(der, header, suite), /^(?:OK|SEAL_TICKET_INVALID)$/);
  const signature = await signOne(signer.signer, { kind: 'attached', bytes: random(40) }, NOW, bound.crypto);
  const tokens = [signature, derSequence(derSequence(Uint8Array.of(2, 1, 0)), signature), derSequence(derContext(0, signature))];
  await fuzz(10, 600, tokens, (der) => verifyTimeStamp(der, signature, bound.crypto), /^SEAL_TIME_STAMP_INVALID$/);
  await fuzz(11, 600, tokens, (der) => readTimeStampResponse(der), /^(?:OK|SEAL_TIME_STAMP_FAILED)$/);
  const description = writeTenderDescription({
    format: 'bidkey-tender-1', tenderId: 'T-1', title: '道路', tenderer: '招标人', lots: [{ id: '一', title: '' }], opensAtUtc: '2026-09-01T01:00:00Z', groups: [{ name: 'tenderer', openers: ['openers/1/1.cer'] }],
    parts: [{ id: 'price', title: '报价', required: true, mediaTypes: [], maxBytes: null, maxFiles: null, form: [{ id: 'sum', label: '总价', kind: 'amount', required: true, maxLength: null, min: 0, max: null, choices: [] }] }],
  });
  const others = ['{"format":"bidkey-tender-1","__proto__":{}}', '[[[[', 'null', '1e999', `{"parts":${'['.repeat(5000)}`].map(toUtf8);
  const codes = await fuzz(12, 1500, [description, description, ...others], (bytes) => readTenderDescription(bytes), /^(?:OK|SEAL_TENDER_MALFORMED)$/);
  expect(Object.keys(codes)).toContain('OK');
});
