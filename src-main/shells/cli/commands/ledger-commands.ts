/** `bidkey ledger …`: the sealed bids of this machine, and what a deed on a key would do to them. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LEDGER_DEEDS, type AssessedBid, type LedgerDeed, type SealedBidRecord, type SealedBidState } from '#shared/contract/desktop/ledger.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { CommandContext, CommandResult } from '../command.ts';
import { findKey } from '../find-key.ts';

const STATES: readonly SealedBidState[] = ['to-open', 'opened', 'withdrawn'];

export interface LedgerImportOptions {
  readonly tender?: string;
  readonly bidder?: string;
  readonly opens?: string;
}

export interface LedgerAssessOptions {
  readonly deed: string;
  readonly key: string;
  readonly sameKeys?: boolean;
  readonly removesContents?: boolean;
}

export async function listLedger({ engine, say }: CommandContext, options: { readonly state?: string }): Promise<CommandResult> {
  const state = options.state === undefined ? undefined : stateOf(options.state);
  const bids: SealedBidRecord[] = [];
  for (let after: string | undefined; ; ) {
    const page = await engine.call('ledger.list', { limit: 200, ...(state === undefined ? {} : { state }), ...(after === undefined ? {} : { after }) });
    bids.push(...page.items);
    if (page.next === null) break;
    after = page.next;
  }
  return { value: bids, lines: bids.length === 0 ? [say('none')] : bids.map((bid) => `${bid.openingTimeUtc ?? '-'}  ${say(`bidState-${bid.state}`)}  ${bid.tenderName}  ${bid.sealId}`) };
}

export async function showLedgerBid(context: CommandContext, sealId: string): Promise<CommandResult> {
  const bid = await context.engine.call('ledger.get', { sealId });
  return { value: bid, lines: bidLines(context, bid) };
}

function bidLines({ say }: CommandContext, bid: SealedBidRecord): string[] {
  return [
    bid.tenderName,
    `  ${say('ledgerSealId')}: ${bid.sealId}`,
    `  ${say('state')}: ${say(`bidState-${bid.state}`)}`,
    `  ${say('ledgerOpening')}: ${bid.openingTimeUtc ?? '-'}`,
    `  ${say('ledgerFile')}: ${bid.file ?? '-'}`,
    ...(bid.openedEarlyAtUtc === undefined ? [] : [`  ${say('ledgerOpenedEarly')}: ${bid.openedEarlyAtUtc}`]),
    ...(bid.generations ?? [{ rewraps: null, file: null, openers: bid.openers }]).flatMap(({ rewraps, file, openers }, _, all) => [
      ...(rewraps === null || all.length === 1 ? [] : [`  ${say('ledgerGeneration', { rewraps })}: ${file ?? '-'}`]),
      ...openers.map((opener) => `  ${opener.group}: ${opener.label} · ${opener.notAfterUtc} · ${opener.fingerprintHex.slice(0, 16)}`),
    ]),
    ...bid.rehearsals.map((one) => `  ${say('ledgerRehearsal')}: ${one.atUtc} · ${say(one.opened ? 'ledgerOpened' : 'ledgerNotOpened')}`),
    ...bid.uploads.map((one) => `  ${say('ledgerUpload')}: ${one.atUtc} · ${one.platform}${one.receipt === null ? '' : ` · ${one.receipt}`}${rewrapsOf(bid, one.headerHex)}`),
  ];
}

/** Which file of the bid it was, where several are known. */
function rewrapsOf({ generations = [] }: SealedBidRecord, headerHex: string | undefined): string {
  const uploaded = generations.length > 1 ? generations.find((one) => one.headerHex === headerHex && headerHex !== undefined) : undefined;
  return uploaded === undefined ? '' : ` · ${uploaded.file ?? uploaded.headerHex?.slice(0, 16) ?? ''}`;
}

/** A file that ends in .json is an exported ledger, any other a sealed bid. */
export async function importLedger({ engine, say }: CommandContext, file: string, options: LedgerImportOptions): Promise<CommandResult> {
  // The engine may run elsewhere on this machine, with another folder to start from.
  const path = resolve(file);
  const names = { ...(options.tender === undefined ? {} : { tenderName: options.tender }), ...(options.bidder === undefined ? {} : { bidderName: options.bidder }), ...(options.opens === undefined ? {} : { openingTimeUtc: options.opens }) };
  const value = await engine.call('ledger.import', { source: /\.json$/i.test(file) ? { kind: 'json-file', path } : { kind: 'file', path, ...names } });
  return { value, lines: [say('ledgerImported', { added: value.added.length, changed: value.changed.length, unchanged: value.unchanged.length })] };
}

export async function exportLedger({ engine, say }: CommandContext, options: { readonly out?: string }): Promise<CommandResult> {
  const { text } = await engine.call('ledger.export', undefined);
  if (options.out === undefined) return { value: JSON.parse(text) as unknown, lines: [text.trimEnd()] };
  writeNew(options.out, text);
  return { value: { file: resolve(options.out) }, lines: [say('fileWritten', { file: options.out })] };
}

export async function setLedgerState(context: CommandContext, sealId: string, state: string): Promise<CommandResult> {
  const bid = await context.engine.call('ledger.setState', { sealId, state: stateOf(state) });
  return { value: bid, lines: bidLines(context, bid) };
}

export async function removeLedgerBid({ engine, say }: CommandContext, sealId: string): Promise<CommandResult> {
  await engine.call('ledger.remove', { sealId });
  return { value: null, lines: [say('ledgerRemoved')] };
}

/** For a key that is not plugged in the question is asked by its serial number. */
export async function assessLedger(context: CommandContext, options: LedgerAssessOptions): Promise<CommandResult> {
  const { engine, say } = context;
  const token = await findKey(engine, options.key).catch((thrown: unknown) => {
    if (thrown instanceof AppError && thrown.code === 'TOKEN_NOT_PRESENT') return null;
    throw thrown;
  });
  const value = await engine.call('ledger.assess', {
    deed: deedOf(options.deed), ...(token === null ? { tokenSerial: options.key } : { token: token.ref }),
    keyPolicy: options.sameKeys === true ? 'same-keys' : 'new-keys', removesContents: options.removesContents ?? false,
  });
  return { value, lines: [say(`ledgerVerdict-${value.verdict}`), ...value.bids.flatMap((bid) => assessedLines(context, bid))] };
}

function assessedLines({ say }: CommandContext, bid: AssessedBid): string[] {
  const groups = bid.groups.flatMap(({ group, generation, keptBy, doubts }) => [
    ...(generation === null ? [] : [`    ${say('ledgerGeneration', { rewraps: generation.rewraps })}: ${generation.file ?? '-'}`]),
    ...keptBy.map((one) => `    ${group}: ${say(`keptBy-${one.by}`)} · ${one.label}${one.tokenSerial === null ? '' : ` · ${one.tokenSerial}`}`),
    ...doubts.map((one) => `    ${group}: ${say(`doubt-${one.reason}`)} · ${one.label}`),
  ]);
  return [`${bid.lost ? '✗' : '✓'} ${bid.openingTimeUtc ?? '-'}  ${bid.tenderName}  ${bid.sealId}`, ...groups];
}

export async function listReminders({ engine, say }: CommandContext): Promise<CommandResult> {
  const value = await engine.call('ledger.reminders', undefined);
  return { value, lines: value.length === 0 ? [say('none')] : value.map((one) => `${one.dueAtUtc}  ${say(`reminder-${one.state}`)}  ${say(`reminder-${one.kind}`)}  ${one.tenderName}`) };
}

function stateOf(text: string): SealedBidState {
  return STATES.find((state) => state === text) ?? usage({ states: [...STATES] });
}

function deedOf(text: string): LedgerDeed {
  return LEDGER_DEEDS.find((deed) => deed === text) ?? usage({ deeds: [...LEDGER_DEEDS] });
}

function usage(details: Readonly<Record<string, readonly string[]>>): never {
  throw new AppError('USAGE', details);
}

/** Never over a file that is there. @throws USAGE */
export function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
  } catch (thrown) {
    throw new AppError('USAGE', { option: '--out', systemCode: (thrown as NodeJS.ErrnoException).code ?? null });
  }
}
