import { verify } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSoftwareKeystore, openSoftwareKeystore } from './software-keystore.ts';
import { generateSigningKey } from './software-signer.ts';

const passphrase = Buffer.from('correct horse 标钥');
const cheap = { scryptLog2N: 14 };
let folder: string, file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bidkey-keystore-'));
  file = join(folder, 'ca.keystore');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('software key store', () => {
  it('ok: keys come back after opening, sign, and never stand in the file in clear', async () => {
    const pkcs8 = await generateSigningKey('rsa-sha256', 2048);
    const secret = Buffer.alloc(32, 0xa5);
    const made = await createSoftwareKeystore(file, passphrase, cheap);
    await Promise.all([made.add('issuing', 'rsa-sha256', pkcs8), made.add('kmc', 'aes-256', secret)]);
    made.close();

    const opened = await openSoftwareKeystore(file, passphrase);
    expect(opened.keyIds().sort()).toEqual(['issuing', 'kmc']);
    expect(opened.secretKey('kmc').export()).toEqual(secret);
    const signer = opened.signer('issuing');
    const message = Buffer.from('message');
    expect(verify('sha256', message, { key: Buffer.from(signer.publicKeySpkiDer), format: 'der', type: 'spki' }, await signer.sign(message))).toBe(true);

    const bytes = await readFile(file);
    expect(bytes.includes(secret)).toBe(false);
    expect(bytes.includes(Buffer.from(pkcs8.subarray(100, 132)))).toBe(false);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['ca.keystore']);
  });
  it('refuses: a wrong passphrase, any changed octet of the header, a cut file, no file', async () => {
    (await createSoftwareKeystore(file, passphrase, cheap)).close();
    await expect(openSoftwareKeystore(file, Buffer.from('wrong'))).rejects.toMatchObject({ code: 'KEYSTORE_UNREADABLE' });
    const good = await readFile(file);
    for (const at of [0, 4, 5, 6, 22, 34, good.length - 1]) {
      const damaged = Buffer.from(good);
      damaged[at] = (damaged[at] ?? 0) ^ 0xf0;
      await writeFile(file, damaged);
      await expect(openSoftwareKeystore(file, passphrase)).rejects.toMatchObject({ code: 'KEYSTORE_UNREADABLE' });
    }
    await writeFile(file, good.subarray(0, 40));
    await expect(openSoftwareKeystore(file, passphrase)).rejects.toMatchObject({ code: 'KEYSTORE_UNREADABLE' });
    await expect(openSoftwareKeystore(join(folder, 'none'), passphrase)).rejects.toMatchObject({ code: 'KEYSTORE_UNREADABLE' });
  });
  it('refuses: to overwrite a file or a key, keys that are not there or of another kind', async () => {
    const store = await createSoftwareKeystore(file, passphrase, cheap);
    await store.add('kmc', 'aes-256', Buffer.alloc(32));
    await expect(createSoftwareKeystore(file, passphrase, cheap)).rejects.toMatchObject({ code: 'KEYSTORE_EXISTS' });
    await expect(store.add('kmc', 'aes-256', Buffer.alloc(32, 1))).rejects.toMatchObject({ code: 'KEYSTORE_EXISTS' });
    expect(() => store.signer('kmc')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    expect(() => store.secretKey('none')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });
});
