/** Rehearsals (试解密): keys tried on the real file, the result dated and signed by the first key that can, kept here and told to the ledger. */
import { mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { RehearsalResult } from '#shared/contract/desktop/bids.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { toUtf8 } from '#shared/bytes/utf8.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { signOne } from '#shared/seal/one-signature.ts';
import { rehearseOpening, type Rehearsal } from '../sealing/rehearse-opening.ts';
import { inspectBid } from '../sealing/sealed-file.ts';
import { meansFor, type SealingMeans } from '../sealing/sealing-means.ts';
import { readTicketBeside } from '../sealing/ticket-beside.ts';
import { chooseSigner, openersOfFile } from '../sealing/token-keys.ts';
import type { TokenPort } from '../token/token-port.ts';
import type { BidLedger } from './bid-ledger.ts';
import { certificateFacts } from './certificate-facts.ts';
import { openKey, type OpenKey } from './log-in-key.ts';
import { readWhole, writeWhole } from './whole-file.ts';

export interface RehearsalDeps {
  readonly folder: string;
  readonly tokens: TokenPort;
  readonly means: SealingMeans;
  readonly ledger: BidLedger;
}

const MAX_LISTED = 200;
const isResult = (value: unknown): value is RehearsalResult => Value.Check(RehearsalResult, value);

export function createRehearsals(deps: RehearsalDeps) {
  return {
    async rehearse({ path, keys }: DesktopInput<'sealed.rehearse'>): Promise<RehearsalResult> {
      const opened: OpenKey[] = [];
      try {
        for (const key of keys) opened.push(await openKey(deps.tokens, key));
        return await rehearseWith(deps, path, opened);
      } finally {
        for (const key of opened) await key.close();
      }
    },
    async list(): Promise<RehearsalResult[]> {
      await mkdir(deps.folder, { recursive: true, mode: 0o700 });
      const names = (await readdir(deps.folder)).filter((name) => name.endsWith('.json')).sort().reverse().slice(0, MAX_LISTED);
      const results = await Promise.all(names.map((name) => readWhole(join(deps.folder, name), isResult)));
      return results.filter((one) => one !== null);
    },
  };
}

async function rehearseWith(deps: RehearsalDeps, path: string, opened: readonly OpenKey[]): Promise<RehearsalResult> {
  const { means } = deps;
  const inspected = await inspectBid(path, means);
  const recipients = [];
  for (const { keys } of opened) recipients.push(...await ownRecipients(path, keys.recipients, means));
  const rehearsal = await rehearseOpening(path, recipients, means, { ticket: await readTicketBeside(path) });
  const { suite } = meansFor(means, inspected.suite);
  const tried = opened.flatMap((key): RehearsalResult['keys'] => {
    const mine = rehearsal.keys.flatMap((one) => {
      const der = key.keys.recipients.find(({ certificateDer }) => toHex(suite.digest(certificateDer)) === one.fingerprintHex)?.certificateDer;
      return der ? [{ serial: key.token.ref.serial, facts: certificateFacts(der), group: one.group, errorCode: one.refusal }] : [];
    });
    return mine.length > 0 ? mine : [{ serial: key.token.ref.serial, facts: null, group: null, errorCode: 'SEAL_NOT_AN_OPENER' }];
  });
  const result: RehearsalResult = { path, sealIdHex: rehearsal.sealIdHex, atUtc: rehearsal.at.toISOString(), opened: rehearsal.opened, missingGroups: [...rehearsal.missingGroups], keys: tried, resultPath: null };
  const kept = await keepResult(deps, result, rehearsal, opened);
  await deps.ledger.noteRehearsal(path, rehearsal.sealIdHex, { atUtc: result.atUtc, opened: rehearsal.opened, missingGroups: [...rehearsal.missingGroups], keys: rehearsal.keys.map(({ fingerprintHex, group, refusal }) => ({ fingerprintHex, group, refusal })) });
  return kept;
}

/** None of them opens it: that is part of the answer here. */
async function ownRecipients(path: string, recipients: Parameters<typeof openersOfFile>[1], means: SealingMeans) {
  try {
    return await openersOfFile(path, recipients, means);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'SEAL_NOT_AN_OPENER') return [];
    throw thrown;
  }
}

async function keepResult({ folder, means }: RehearsalDeps, result: RehearsalResult, rehearsal: Rehearsal, opened: readonly OpenKey[]): Promise<RehearsalResult> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const base = join(folder, `${result.atUtc.replace(/[:.]/g, '-')}-${result.sealIdHex.slice(0, 8)}`);
  const statement = toUtf8(`${JSON.stringify({ format: 'bidkey-rehearsal', version: 1, ...result, path: undefined, file: basename(result.path), groupsByTicket: rehearsal.groupsByTicket, resultPath: undefined }, null, 1)}\n`);
  const signer = firstSigner(opened, rehearsal.at);
  const resultPath = signer === null ? null : `${base}.p7m`;
  if (signer !== null) await writeWhole(`${base}.p7m`, await signOne(signer, { kind: 'attached', bytes: statement }, rehearsal.at, means.crypto), false);
  const kept = { ...result, resultPath };
  await writeWhole(`${base}.json`, `${JSON.stringify(kept, null, 1)}\n`, false);
  return kept;
}

function firstSigner(opened: readonly OpenKey[], at: Date) {
  for (const { keys } of opened) {
    try {
      return chooseSigner(keys, at);
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== 'SEAL_NO_SIGNING_KEY') throw thrown;
    }
  }
  return null;
}
