/** Encryption certificates that were used for bids before: the company's other ones, recent ones, and when a key last proved that it decrypts. One small file. */
import { join } from 'node:path';
import { Nullable, Type, strictObject, type Static } from '#shared/contract/schema.ts';
import { Value } from '@sinclair/typebox/value';
import { readWhole, writeWhole } from './whole-file.ts';
import { sha256Hex } from './certificate-facts.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';

const KnownCertificate = strictObject({ certificateDer: Type.String(), group: Type.String(), lastUsedUtc: Type.String(), testedAtUtc: Nullable(Type.String()) });
export type KnownCertificate = Static<typeof KnownCertificate>;
const File = strictObject({ version: Type.Literal(1), certificates: Type.Array(KnownCertificate) });
type File = Static<typeof File>;

const MAX_KEPT = 200;

export interface KnownCertificates {
  list(): Promise<readonly KnownCertificate[]>;
  /** Newest first; a test is kept when it is not given. */
  note(certificates: readonly { readonly certificateDer: string; readonly group: string; readonly testedAtUtc?: string }[]): Promise<void>;
  testedAt(certificateDer: string): Promise<string | null>;
}

export function openKnownCertificates(folder: string, now: () => Date): KnownCertificates {
  const path = join(folder, 'known-certificates.json');
  let turn: Promise<unknown> = Promise.resolve();
  const read = async (): Promise<readonly KnownCertificate[]> => (await readWhole(path, (value): value is File => Value.Check(File, value)))?.certificates ?? [];
  return {
    list: read,
    note(certificates) {
      const next = turn.then(async () => {
        const before = await read();
        const ids = new Set(certificates.map(({ certificateDer }) => sha256Hex(fromBase64(certificateDer))));
        const idOf = (one: KnownCertificate) => sha256Hex(fromBase64(one.certificateDer));
        const noted = certificates.map(({ certificateDer, group, testedAtUtc }) => ({ certificateDer, group, lastUsedUtc: now().toISOString(), testedAtUtc: testedAtUtc ?? before.find((one) => one.certificateDer === certificateDer)?.testedAtUtc ?? null }));
        const file: File = { version: 1, certificates: [...noted, ...before.filter((one) => !ids.has(idOf(one)))].slice(0, MAX_KEPT) };
        await writeWhole(path, JSON.stringify(file));
      });
      turn = next.catch(() => undefined);
      return next;
    },
    testedAt: async (certificateDer) => (await read()).find((one) => one.certificateDer === certificateDer)?.testedAtUtc ?? null,
  };
}
