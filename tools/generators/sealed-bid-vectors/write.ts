/** Writes tests/vectors/sealed-bid/files.json, names.json, tickets.json and answers.json. Run: `npx tsx tools/generators/sealed-bid-vectors/write.ts`; the same files come out every time. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toBase64 } from '../../../src-shared/bytes/base64.ts';
import { toHex } from '../../../src-shared/bytes/hex.ts';
import { portableEngine } from '../../../src-shared/sm/portable-engine.ts';
import { answerCases, type AnswerCase } from './answer-cases.ts';
import { assembleFile, testOnlyFixedRandom } from './assemble-file.ts';
import { fileCases, type FilePeople } from './file-cases.ts';
import { NAME_CASES } from './name-cases.ts';
import { ticketCases, type TicketCase } from './ticket-cases.ts';
import { opening, signing, sm2Person, type Person } from './seal-people.ts';

export interface FileVector {
  readonly name: string;
  readonly operation: 'open' | 'verify' | 'inspect' | 'tender';
  /** Names in `people`. */
  readonly keys: readonly string[];
  readonly expect: string;
  /** Base64. */
  readonly file: string;
}

export interface FileVectors {
  readonly people: Readonly<Record<string, { readonly certificate: string; readonly privateKeyHex: string }>>;
  readonly vectors: readonly FileVector[];
}

async function makeFilePeople(): Promise<FilePeople> {
  const person = (seed: string, request: Parameters<typeof sm2Person>[0]): Promise<Person> => sm2Person(request, portableEngine, testOnlyFixedRandom(`person ${seed}`));
  return {
    bidder: await person('bidder', signing('投标人', '31')), other: await person('other', signing('他人', '32')),
    openerA: await person('opener a', opening('投标人', '33')), openerB: await person('opener b', opening('投标人', '34')), tenderer: await person('tenderer', opening('招标人', '35')),
  };
}

export async function makeFileVectors(): Promise<FileVectors> {
  const people = await makeFilePeople();
  const small = { name: '报价.pdf', bytes: Uint8Array.from({ length: 100 }, (_, i) => i) };
  const vectors: FileVector[] = [];
  for (const one of fileCases(people)) {
    const parts = { kind: 'sealed' as const, suite: 'sm' as const, groups: [{ name: 'bidder', openers: [people.openerA] }], documents: [small], signer: people.bidder, ...one.parts };
    vectors.push({ name: one.name, operation: one.operation ?? 'open', keys: one.keys ?? ['openerA'], expect: one.expect, file: toBase64(await assembleFile(parts, one.doors, `file ${one.name}`)) });
  }
  const written = Object.entries(people as unknown as Record<string, Person>).map(([name, { certificateDer, privateKey }]) => [name, { certificate: toBase64(certificateDer), privateKeyHex: toHex(privateKey as Uint8Array) }] as const);
  return { people: Object.fromEntries(written), vectors };
}

export interface TicketVectors {
  /** Base64; the keys are those of files.json. */
  readonly bid: string;
  readonly vectors: readonly (Omit<TicketCase, 'ticket'> & { readonly ticket: string })[];
}

export async function makeTicketVectors(): Promise<TicketVectors> {
  const { bid, cases } = await ticketCases(await makeFilePeople());
  return { bid: toBase64(bid), vectors: cases.map((one) => ({ ...one, ticket: toBase64(one.ticket) })) };
}

export interface AnswerVectors {
  /** Base64; the hall's key is openerB of files.json. */
  readonly bid: string;
  readonly challenge: string;
  readonly vectors: readonly (Omit<AnswerCase, 'answer'> & { readonly answer: string })[];
}

export async function makeAnswerVectors(): Promise<AnswerVectors> {
  const { bid, challenge, cases } = await answerCases(await makeFilePeople());
  return { bid: toBase64(bid), challenge: toBase64(challenge), vectors: cases.map((one) => ({ ...one, answer: toBase64(one.answer) })) };
}

export const vectorsText = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = new URL('../../../tests/vectors/sealed-bid/', import.meta.url);
  writeFileSync(new URL('files.json', folder), vectorsText(await makeFileVectors()));
  writeFileSync(new URL('names.json', folder), vectorsText(NAME_CASES));
  writeFileSync(new URL('tickets.json', folder), vectorsText(await makeTicketVectors()));
  writeFileSync(new URL('answers.json', folder), vectorsText(await makeAnswerVectors()));
}
