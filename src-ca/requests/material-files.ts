/** Files of materials in a folder: one sealed file each, written whole or not at all, named by the id of its record. */
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteSeal, MaterialFiles } from './material-port.ts';

const ENDING = '.sealed';
const NAME = /^([0-9a-f]{32})\.sealed(\.part)?$/;

export function materialFiles(folder: string, seal: ByteSeal): MaterialFiles {
  const fileOf = (id: string) => join(folder, `${id}${ENDING}`);
  return {
    async write(id, content) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const part = `${fileOf(id)}.part`;
      const file = await open(part, 'w', 0o600);
      try {
        await file.writeFile(seal.seal(content));
        // The record is committed after this: what it names must survive a power cut.
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(part, fileOf(id));
    },
    read: async (id) => seal.open(await readFile(fileOf(id))),
    remove: async (id) => {
      await rm(fileOf(id), { force: true });
      await rm(`${fileOf(id)}.part`, { force: true });
    },
    async writtenBefore(atMs) {
      const names = await readdir(folder).catch((thrown: NodeJS.ErrnoException) => {
        if (thrown.code === 'ENOENT') return [];
        throw thrown;
      });
      const ids: string[] = [];
      for (const name of names) {
        const [, id] = NAME.exec(name) ?? [];
        if (id !== undefined && (await stat(join(folder, name))).mtimeMs < atMs) ids.push(id);
      }
      return [...new Set(ids)];
    },
  };
}
