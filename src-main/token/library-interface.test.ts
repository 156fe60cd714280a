import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { interfaceOfLibrary } from './library-interface.ts';

const folder = mkdtempSync(join(tmpdir(), 'bidkey-interface-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([['\0SKF_EnumDev\0', 'skf'], ['\0C_GetFunctionList\0', 'pkcs11'], ['\0SKF_EnumDev\0C_GetFunctionList\0', 'pkcs11'], ['', 'pkcs11']] as const)('ok: %j is opened as %s', (content, wanted) => {
  const path = join(folder, 'library.so');
  writeFileSync(path, content);
  expect(interfaceOfLibrary(path)).toBe(wanted);
});
it('ok: what is not there is left to the opening', () => expect(interfaceOfLibrary(join(folder, 'nothing.so'))).toBe('pkcs11'));
