/** Encryption certificates that were used for bids before: the company's other ones, recent ones, and when a key last proved that it decrypts. One small file. */
import { join } from 'node:path';
import { Nullable, Type, strictObject, type Static } from '#shared/contract/schema.ts';
import { Value } from '@sinclair/typebox/value';
import { readWhole, writeWhole } from './whole-file.ts';
import { sha256Hex } from './certificate-facts.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';

const ShutReason = Type.Literal('rsa-over-skf');
/** Why nothing that the key's driver can do opens what is sealed to its certificate. */
export type Shut = Static<typeof ShutReason>;
const KnownCertificate = strictObject({ certificateDer: Type.String(), group: Type.String(), lastUsedUtc: Type.String(), testedAtUtc: Nullable(Type.String()), shut: Type.Optional(ShutReason) });
export type KnownCertificate = Static<typeof KnownCertificate>;
const File = strictObject({ version: Type.Literal(1), certificates: Type.Array(KnownCertificate) });
type File = Static<typeof File>;

const MAX_KEPT = 200;

export interface NotedCertificate {
  readonly certificateDer: string;
  readonly group: string;
  readonly testedAtUtc?: string;
  /** null: its key is here, and nothing is in the way; absent: its key is not here. */
  readonly shut?: Shut | null;
}

export interface KnownCertificates {
  list(): Promise<readonly KnownCertificate[]>;
  /** Newest first; a test, and what is known of its driver, are kept when they are not given. */
  note(certificates: readonly NotedCertificate[]): Promise<void>;
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
        const noted = certificates.map(({ certificateDer, group, testedAtUtc, shut }): KnownCertificate => {
          const known = before.find((one) => one.certificateDer === certificateDer);
          const why = shut === undefined ? known?.shut : shut;
          return { certificateDer, group, lastUsedUtc: now().toISOString(), testedAtUtc: testedAtUtc ?? known?.testedAtUtc ?? null, ...(why ? { shut: why } : {}) };
        });
        const file: File = { version: 1, certificates: [...noted, ...before.filter((one) => !ids.has(idOf(one)))].slice(0, MAX_KEPT) };
        await writeWhole(path, JSON.stringify(file));
      });
      turn = next.catch(() => undefined);
      return next;
    },
    testedAt: async (certificateDer) => (await read()).find((one) => one.certificateDer === certificateDer)?.testedAtUtc ?? null,
  };
}
