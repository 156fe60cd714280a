import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkUkeyModels } from '../../tools/check/ukey-models.ts';
import { lintUkeyModels } from '../../src-main/ukey-models/lint-ukey-models.ts';
import { loadUkeyModels } from '../../src-main/ukey-models/load-ukey-models.ts';
import { matchUkeyModel, patternMatches, patternsOverlap } from '../../src-main/ukey-models/match-ukey-model.ts';
import { picturePoints } from '../../src-main/ukey-models/safe-picture.ts';
import type { UkeyModelProfile } from '../../src-main/ukey-models/ukey-model-profile.ts';

const FOLDER = fileURLToPath(new URL('../../resources/ukey-models', import.meta.url));
const profiles = async () => (await loadUkeyModels(FOLDER)).map((model) => model.profile);

describe('the models that come with BidKey', () => {
  it('ok: pass every check', async () => expect(await checkUkeyModels()).toEqual([]));
  it('ok: the named ones are there', async () => {
    expect((await profiles()).map((profile) => profile.id)).toEqual(expect.arrayContaining(['longmai-gm3000', 'feitian-epass3000gm', 'feitian-epass2003', 'watchdata-watchkey', 'hdzb-ukeyci800-k18', 'softhsm2', 'bidkey-soft-ukey', 'generic-pkcs11']));
  });
  it('ok: keys are matched by the strings of their driver', async () => {
    const models = await profiles();
    expect(matchUkeyModel(models, 'SoftHSM project', 'SoftHSM v2')?.id).toBe('softhsm2');
    expect(matchUkeyModel(models, 'EnterSafe', 'ePass2003Auto')?.id).toBe('feitian-epass2003');
    expect(matchUkeyModel(models, 'EnterSafe', 'other')).toBeNull();
  });
});

describe('patterns', () => {
  it.each([['ePass*', 'epass2003', true], ['*', '', true], ['a*b*c', 'a-b-b-c', true], ['a*b', 'a-c', false], ['', 'x', false], ['a', 'a*', false]] as const)('ok: %s against %s is %s', (pattern, text, fits) => expect(patternMatches(pattern, text)).toBe(fits));
  it.each([['a*', '*b', true], ['a*c', 'ab*', true], ['a*', 'b*', false], ['abc', 'a*d', false], ['*', 'anything', true]] as const)('ok: %s and %s overlap: %s', (left, right, overlap) => expect(patternsOverlap(left, right)).toBe(overlap));
  it('ok: two patterns that match one text overlap', () => {
    const symbols = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });
    const texts = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 });
    fc.assert(fc.property(symbols, symbols, texts, (left, right, text) => {
      fc.pre(patternMatches(left, text) && patternMatches(right, text));
      expect(patternsOverlap(left, right)).toBe(true);
    }), { numRuns: 500 });
  });
});

describe('lint', () => {
  const breaches = async (change: (models: UkeyModelProfile[]) => UkeyModelProfile[]) => lintUkeyModels(change(structuredClone(await profiles()))).join('\n');
  const changed = (models: UkeyModelProfile[], id: string, change: Partial<UkeyModelProfile>) => models.map((model) => (model.id === id ? { ...model, ...change } : model));

  it('refuses: an id or picture used twice', async () => expect(await breaches((models) => [...models, models[0] as UkeyModelProfile])).toMatch(/id is used twice[^]*picture of two models/));
  it('refuses: two models that match one key', async () => expect(await breaches((models) => changed(models, 'watchdata-watchkey', { match: [{ manufacturer: 'soft*', model: '*v2' }] }))).toBe('softhsm2, watchdata-watchkey: one key could match both'));
  it('refuses: relative library paths and ways upward', async () => {
    for (const path of ['./lib.so', 'lib/x.so', '/usr/lib/../../tmp/x.so']) {
      expect(await breaches((models) => changed(models, 'softhsm2', { libraries: [{ interface: 'pkcs11', platform: 'linux', processors: ['x64'], paths: [path] }] }))).toContain('neither an absolute path nor a bare name');
    }
  });
  it('refuses: a library for an interface that is not listed', async () => expect(await breaches((models) => changed(models, 'softhsm2', { libraries: [{ interface: 'skf', platform: 'linux', processors: ['x64'], paths: ['x.so'] }] }))).toContain('not among the interfaces'));
  it('refuses: PIN lengths out of order, SKF without its algorithm number', async () => {
    expect(await breaches((models) => changed(models, 'softhsm2', { pinRules: { minLength: 9, maxLength: 8, allowed: 'digits', minClasses: 1, refuseRepeats: true, refuseSequences: true } }))).toContain('not in order');
    expect(await breaches((models) => changed(models, 'longmai-gm3000', { sgdSm2Sign: [] }))).toContain('sgdSm2Sign');
  });
  it('refuses: an interface without a word on unlocking, a way of another interface, a label over PKCS#11, a default PIN that cannot be', async () => {
    const way = { noteZh: '请联系发放单位。', noteEn: 'Ask the issuer.' };
    expect(await breaches((models) => changed(models, 'longmai-gm3000', { unlock: [{ interface: 'skf', strategy: 'none', ...way }] }))).toBe('longmai-gm3000: unlock must have one row for each interface');
    expect(await breaches((models) => changed(models, 'softhsm2', { unlock: [{ interface: 'pkcs11', strategy: 'skf-unblock', ...way }] }))).toBe('softhsm2: skf-unblock is no way of pkcs11');
    expect(await breaches((models) => changed(models, 'softhsm2', { canRename: ['pkcs11'] }))).toBe('softhsm2: canRename names an interface that cannot');
    expect(await breaches((models) => changed(models, 'longmai-gm3000', { defaultUserPins: ['1'.repeat(17)] }))).toBe('longmai-gm3000: a default PIN that the rules of the model do not allow');
  });
});

describe('loading', () => {
  async function withFolder(change: (folder: string) => Promise<void>): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'bidkey-models-'));
    try {
      await cp(FOLDER, folder, { recursive: true });
      await change(folder);
      return (await checkUkeyModels(folder)).join('\n');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const edit = (file: string, from: string | RegExp, to: string) => async (folder: string) => writeFile(join(folder, file), (await readFile(join(folder, file), 'utf8')).replace(from, to));

  it('refuses: a field too many, a bad hexadecimal number, a bad USB id, what is not JSON, an id that is not the file name', async () => {
    expect(await withFolder(edit('softhsm2.json', '{', '{ "colour": "red",'))).toContain('/colour');
    expect(await withFolder(edit('generic-pkcs11.json', '0x80008001', '80008001'))).toContain('/sm2');
    expect(await withFolder(edit('watchdata-watchkey.json', '163c:0407', '163C:407'))).toContain('/usbIds/0');
    expect(await withFolder(edit('softhsm2.json', '{', '{,'))).toContain('not JSON');
    expect(await withFolder(edit('softhsm2.json', '"id": "softhsm2"', '"id": "softhsm3"'))).toContain('is not the name of the file');
  });
  it('refuses: a picture that is missing or unsafe', async () => {
    expect(await withFolder((folder) => rm(join(folder, 'softhsm2.svg')))).toContain('picture is missing');
    expect(await withFolder(edit('softhsm2.svg', '</svg>', '<script>alert(1)</script></svg>'))).toContain('element <script> is not allowed');
  });
});

describe('pictures', () => {
  const around = (inner: string) => `<svg xmlns="http://www.w3.org/2000/svg">${inner}</svg>`;
  it.each([
    ['an event', around('<rect onload="x()"/>')], ['a script', around('<script/>')], ['foreign HTML', around('<foreignObject/>')], ['an outside picture', around('<image href="https://x/"/>')], ['a link', around('<a href="javascript:x"/>')],
    ['an outside fill', around('<rect fill="url(https://x/#a)"/>')], ['a style', around('<rect style="fill:url(//x)"/>')], ['an entity', around('<text>&xxe;</text>')], ['a document type', `<!DOCTYPE svg [<!ENTITY x "y">]>${around('')}`],
    ['a comment that hides', around('<!-- --><rect/>')], ['CDATA', around('<![CDATA[x]]>')], ['what is open', '<svg xmlns="http://www.w3.org/2000/svg"><g>'], ['an unquoted attribute', around('<rect fill=red/>')], ['another root', '<html></html>'], ['too much', around(' '.repeat(40_000))],
  ])('refuses: %s', (_, svg) => expect(picturePoints(svg)).not.toEqual([]));
  it('ok: shapes, gradients and text', () => expect(picturePoints(around('<defs><linearGradient id="a"><stop offset="0" stop-color="#fff"/></linearGradient></defs><rect fill="url(#a)" width="3"/><text x="1">字</text>'))).toEqual([]));
});
