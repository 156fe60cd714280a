/**
 * An SKF driver as vendors ship them, and a key for it: the software UKey's library under another name, with its PKCS#11 entry renamed, so that what is left to
 * be found in it is SKF. Keys live in a folder of their own, beside those of the demo.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestSoftUkey, type TestSoftUkey } from '../../support/soft-ukey.ts';

export interface SkfDriver {
  readonly libraryPath: string;
  readonly key: TestSoftUkey;
}

/** Disposed with its key. */
export async function installSkfDriver(label: string): Promise<SkfDriver> {
  const key = await createTestSoftUkey({ label });
  const libraryPath = join(key.env.BIDKEY_SOFT_UKEY_DIR, 'libskf-of-a-vendor.so');
  await writeFile(libraryPath, withoutPkcs11Entry(await readFile(key.libraryPath)), { mode: 0o755 });
  return { libraryPath, key };
}

/** The new name has the length and the GNU hash of the old one (33·'s' + 't' = 33·'t' + 'S'), so the loader still finds it for the library's own table. latin1 keeps every octet. */
function withoutPkcs11Entry(library: Buffer): Buffer {
  return Buffer.from(library.toString('latin1').replaceAll('C_GetFunctionList', 'C_GetFunctionLitS'), 'latin1');
}
