import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseSm2Mechanisms } from './sm2-mechanisms.ts';

const softUkey = (JSON.parse(readFileSync(new URL('../../../resources/ukey-models/bidkey-soft-ukey.json', import.meta.url), 'utf8')) as { sm2: Record<string, unknown> }).sm2;
const file = (changes: Record<string, unknown> = {}) => JSON.stringify({ ...softUkey, ...changes });

describe('file of SM2 mechanisms', () => {
  it('ok: the numbers of a UKey model profile as they stand there', () => {
    expect(parseSm2Mechanisms(file())).toEqual({ keyType: 0x80000004, generateKeyPair: 0x80008001, sign: 0x80008104, signInput: 'digest', signatureForm: 'der' });
  });
  it('ok: a module that only digests by itself, with Z in front or without', () => {
    expect(parseSm2Mechanisms(file({ signDigest: null }))).toMatchObject({ sign: 0x80008103, signInput: 'message' });
    expect(parseSm2Mechanisms(file({ signDigest: null, signSm3Input: 'z-and-message' }))).toMatchObject({ sign: 0x80008103, signInput: 'z-and-message' });
  });
  it.each<[string, string]>([
    ['no JSON', '{'],
    ['a number that is not written as eight hex digits', file({ keyType: '0x4' })],
    ['a form of signatures that is not known', file({ signatureForm: 'unknown' })],
    ['a word that is none', file({ signsDigest: '0x80008104' })],
    ['nothing to sign with', file({ signDigest: null, signSm3: null })],
  ])('refuses: %s', (_, text) => {
    expect(() => parseSm2Mechanisms(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});
