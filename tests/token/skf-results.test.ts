/** The result codes of GM/T 0016: every one is an error of the table with its name and number, and has a sentence of its own in both languages. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isErrorCode } from '#shared/errors/error-table.ts';
import { sarTable, skfFailure } from '../../src-main/token/host/skf/sar-codes.ts';

/** Annex of GM/T 0016-2012: 0x0A000001 to 0x0A000032 without a gap. */
const OF_THE_STANDARD = Array.from({ length: 0x32 }, (_, index) => 0x0a000001 + index);
const textsOf = async (language: string) => JSON.parse(await readFile(fileURLToPath(new URL(`../../resources/locales/${language}/skf-results.json`, import.meta.url)), 'utf8')) as Record<string, string>;

describe('result codes of SKF', () => {
  it('ok: every code of the standard is known, under a name of its own', () => {
    const numbers = sarTable().map((row) => row.number);
    expect(OF_THE_STANDARD.filter((number) => !numbers.includes(number))).toEqual([]);
    expect(new Set(sarTable().map((row) => row.name)).size).toBe(numbers.length);
  });

  it('ok: each becomes an error of the table whose details carry function, name and number', () => {
    for (const { number, name, code } of sarTable()) {
      const error = skfFailure('SKF_EnumDev', number);
      expect(isErrorCode(error.code)).toBe(true);
      expect(error.toData()).toMatchObject({ code, details: { functionName: 'SKF_EnumDev', returnCode: name, returnNumber: `0x${number.toString(16).padStart(8, '0')}` } });
    }
  });

  it('ok: a code that nobody knows is told by its number', () => {
    expect(skfFailure('SKF_EnumDev', 0x0a0000ff).toData()).toMatchObject({ code: 'DRIVER_FUNCTION_FAILED', details: { returnCode: '0x0a0000ff', returnNumber: '0x0a0000ff' } });
  });

  it.each(['zh-CN', 'en-US'])('ok: each has a sentence of its own in %s, and no sentence is without a code', async (language) => {
    const texts = await textsOf(language);
    expect(Object.keys(texts).sort()).toEqual(sarTable().map((row) => row.name).sort());
    expect(new Set(Object.values(texts)).size).toBe(sarTable().length);
    for (const text of Object.values(texts)) expect(text).toMatch(language === 'zh-CN' ? /^[^]*[\u4e00-\u9fff][^]*。$/ : /^[A-Z][^]*\.$/);
  });
});
