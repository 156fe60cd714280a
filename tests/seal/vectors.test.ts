/** The conformance vectors: each fault is refused by exactly its code, by the native and by the portable engine; the generator still writes the same files. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBid } from '../../src-main/sealing/open-bid.ts';
import { rehearseOpening } from '../../src-main/sealing/rehearse-opening.ts';
import { acceptShareAnswer } from '../../src-main/sealing/remote-opening.ts';
import { inspectBid } from '../../src-main/sealing/sealed-file.ts';
import { createSealingMeans } from '../../src-main/sealing/sealing-means.ts';
import { readTender } from '../../src-main/sealing/tender-package.ts';
import { verifyBid } from '../../src-main/sealing/verify-bid.ts';
import { fromBase64 } from '../../src-shared/bytes/base64.ts';
import { fromHex } from '../../src-shared/bytes/hex.ts';
import type { EnvelopeRecipient } from '../../src-shared/cms/envelope.ts';
import { checkNames } from '../../src-shared/seal/document-name.ts';
import { portableEngine } from '../../src-shared/sm/portable-engine.ts';
import { readSm2Ciphertext } from '../../src-shared/sm/sm2-der.ts';
import { writeSm2CiphertextRaw } from '../../src-shared/sm/sm2-encrypt.ts';
import { NAME_CASES, type NameCase } from '../../tools/generators/sealed-bid-vectors/name-cases.ts';
import { makeAnswerVectors, makeFileVectors, makeTicketVectors, vectorsText, type AnswerVectors, type FileVectors, type TicketVectors } from '../../tools/generators/sealed-bid-vectors/write.ts';
import { codeOf, makeFolder, means as native, NOW, type SealFolder } from './support/seal-world.ts';

const read = (name: string): string => readFileSync(new URL(`../vectors/sealed-bid/${name}`, import.meta.url), 'utf8');
const filesText = read('files.json');
const { people, vectors } = JSON.parse(filesText) as FileVectors;
const names = JSON.parse(read('names.json')) as NameCase[];

let folder: SealFolder;
beforeAll(async () => {
  folder = await makeFolder();
});
afterAll(() => folder.dispose());

function recipientOf(name: string): EnvelopeRecipient {
  const person = people[name];
  if (!person) throw new Error(name);
  const privateKey = fromHex(person.privateKeyHex);
  return { certificateDer: fromBase64(person.certificate), decrypt: (ciphertext) => native.engine.sm2Decrypt(privateKey, writeSm2CiphertextRaw(readSm2Ciphertext(ciphertext))) };
}

test('ok: at least 80 vectors of files, each name once', () => {
  expect(vectors.length).toBeGreaterThanOrEqual(80);
  expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
});

for (const [engine, means] of [['native', native], ['portable', createSealingMeans(portableEngine, () => NOW)]] as const) {
  describe(`${engine} engine`, () => {
    for (const [i, vector] of vectors.entries()) {
      test(`${vector.expect === 'OK' ? 'ok' : 'refuses'}: ${vector.name}`, async () => {
        const path = folder.path(`${engine}-${i}`);
        await writeFile(path, fromBase64(vector.file));
        const deed = { open: () => openBid(path, { recipients: vector.keys.map(recipientOf) }, `${path}-out`, means), verify: () => verifyBid(path, means), inspect: () => inspectBid(path, means), tender: () => readTender(path, means) }[vector.operation];
        expect(await codeOf(deed())).toBe(vector.expect);
      });
    }
  });
}

describe('tickets', () => {
  const tickets = JSON.parse(read('tickets.json')) as TicketVectors;
  for (const one of tickets.vectors) {
    test(`${one.expect.startsWith('SEAL') ? 'refuses' : 'ok'}: ${one.name}`, async () => {
      const path = folder.path('ticket.bid');
      await writeFile(path, fromBase64(tickets.bid));
      let answer = '';
      const code = await codeOf(rehearseOpening(path, [recipientOf(one.key)], native, { ticket: fromBase64(one.ticket) }).then(({ opened }) => void (answer = opened ? 'opened' : 'not tried')));
      expect(code === 'OK' ? answer : code).toBe(one.expect);
    });
  }

  test('ok: the generator writes the same tickets', async () => {
    expect(vectorsText(await makeTicketVectors()) === read('tickets.json')).toBe(true);
  });
});

describe('answers', () => {
  const answers = JSON.parse(read('answers.json')) as AnswerVectors;
  for (const one of answers.vectors) {
    test(`${one.expect === 'OK' ? 'ok' : 'refuses'}: ${one.name}${one.asksKey ? '' : ', and asks no key'}`, async () => {
      const path = folder.path('answered.bid');
      await writeFile(path, fromBase64(answers.bid));
      const { certificateDer, decrypt } = recipientOf('openerB');
      let asked = 0;
      const hall = { certificateDer, decrypt: (ciphertext: Uint8Array) => { asked++; return decrypt(ciphertext); } };
      expect(await codeOf(acceptShareAnswer(path, fromBase64(one.answer), fromBase64(answers.challenge), [hall], native))).toBe(one.expect);
      expect(asked > 0).toBe(one.asksKey);
    });
  }

  test('ok: the generator writes the same answers', async () => {
    expect(vectorsText(await makeAnswerVectors()) === read('answers.json')).toBe(true);
  });
});

describe('names', () => {
  for (const one of names) test(`${one.expect === 'OK' ? 'ok' : 'refuses'}: ${one.name}`, async () => expect(await codeOf(Promise.resolve().then(() => checkNames(one.names)))).toBe(one.expect));
});

test('ok: the generator writes the same vectors', async () => {
  expect(vectorsText(await makeFileVectors()) === filesText).toBe(true);
  expect(names).toEqual(NAME_CASES);
});
