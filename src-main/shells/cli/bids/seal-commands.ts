/** `bidkey seal`, `bidkey rewrap`, `bidkey tender make`: what makes files. */
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { AppError } from '#shared/errors/app-error.ts';
import { toHex } from '#shared/bytes/hex.ts';
import type { CmsDigestId } from '#shared/cms/signature-identifiers.ts';
import { holdToTender, type BidTerms } from '#shared/seal/hold-to-tender.ts';
import type { SuiteId } from '#shared/seal/suites.ts';
import { TENDER_DOCUMENT, type TenderDescription } from '#shared/seal/tender-description.ts';
import { checkOpeners, openersOf, type CandidateGroup, type OpenerFinding } from '../../../sealing/check-openers.ts';
import { timeStampFrom } from '../../../sealing/request-time-stamp.ts';
import { groupChanges, rewrapBid, rewrappedName } from '../../../sealing/rewrap-bid.ts';
import { sealBid, type MadeFile, type SourceDocument } from '../../../sealing/seal-bid.ts';
import { inspectBid } from '../../../sealing/sealed-file.ts';
import { makeTender, readTender, type OpenedTender } from '../../../sealing/tender-package.ts';
import { readTicketBeside, ticketBeside } from '../../../sealing/ticket-beside.ts';
import { chooseSigner } from '../../../sealing/token-keys.ts';
import { requireTrustedSigners, verifyBid } from '../../../sealing/verify-bid.ts';
import type { CommandResult } from '../command.ts';
import type { BidContext, PinOptions } from './bid-context.ts';
import { readFolder, readGroups, readSmallFile, readTime } from './bid-inputs.ts';
import { readTrust, refreshLists, type TrustOptions } from './bid-trust.ts';
import { certificateFacts, documentFacts, openerFacts, openerLines, workOptions } from './bid-lines.ts';
import { sharesOf, takeShares, wipeShares } from './open-commands.ts';

const DEFAULT_SUITE: SuiteId = 'sm';

interface MakeOptions extends PinOptions, TrustOptions {
  /** Absent: that of the tender package, else `sm`. */
  readonly suite?: SuiteId;
  readonly out: string;
  readonly tsa?: string;
  readonly tsaDigest?: CmsDigestId;
  readonly refreshCrls?: boolean;
}

export interface SealOptions extends MakeOptions {
  readonly bidDir: string;
  readonly group: readonly string[];
  readonly signKey: string;
  readonly tender?: string;
  readonly backup?: string;
  /** False: none; a path; absent: beside the bid, when it has several groups. */
  readonly ticket?: string | false;
  readonly bidId?: string;
  readonly tenderId?: string;
  readonly lot?: string;
  readonly opensAt?: string;
  /** Also without required parts of the tender. */
  readonly incomplete?: boolean;
}

export async function seal(context: BidContext, options: SealOptions): Promise<CommandResult> {
  const { say, terminal, means } = context;
  const tender = options.tender === undefined ? null : await trustedTender(context, options.tender, options);
  const documents = await readFolder(options.bidDir);
  const { suite, tenderId, lot, opensAt, groups } = termsOf(tender, await readGroups(options.group, context.openerOfKey), documents, options);
  const findings = await lookAtOpeners(context, groups, opensAt, options);
  const openers = openersOf(findings);
  // For the bidder's group, which is the first that is named here; the tenderer's come with its package.
  const ticket = options.ticket === false || openers.length < 2 || !groups[0] ? null : { group: groups[0].name, path: resolve(options.ticket ?? ticketBeside(options.out)) };
  const timeStamp = await timeStamps(context, options, suite);
  const made = await context.withKey(options.signKey, options, (keys) => sealBid({
    suite, identity: { bidId: options.bidId ?? basename(resolve(options.bidDir)).normalize('NFC'), tenderId, lot, opensAt },
    documents, groups: openers, signer: chooseSigner(keys, means.clock()), outPath: resolve(options.out), backupPath: options.backup === undefined ? null : resolve(options.backup), ticket, ...timeStamp,
  }, means, workOptions(context)));
  if (made.ticketMade) terminal.note(say('bidKeepTicket'));
  return madeResult(context, made, options.out, { backup: options.backup ?? null, ticket: made.ticketMade ? (ticket?.path ?? null) : null, openers: findings.map(openerFacts) });
}

/** Its signature and every octet are checked before it says who opens. */
async function trustedTender(context: BidContext, path: string, options: TrustOptions): Promise<OpenedTender> {
  const trust = await readTrust(context, options);
  const verified = await verifyBid(path, context.means, { trust, signal: context.signal });
  if (trust !== null) requireTrustedSigners(verified);
  const tender = await readTender(path, context.means);
  context.terminal.note(context.say('bidTenderBy', { tenderer: tender.description.tenderer, signer: certificateFacts(tender.signatures.outer.certificateDer, context.means).subject }));
  return tender;
}

/** With a tender package: what it says, and nothing else. @throws SEAL_TENDER_OTHERWISE, SEAL_OPENER_DUPLICATE, SEAL_PARTS_MISSING */
function termsOf(tender: OpenedTender | null, own: readonly CandidateGroup[], documents: readonly SourceDocument[], options: SealOptions): BidTerms {
  const { suite, tenderId, lot, incomplete } = options;
  const opensAt = readTime(options.opensAt, '--opens-at');
  if (tender === null) return { suite: suite ?? DEFAULT_SUITE, tenderId: tenderId ?? '', lot: lot ?? '', opensAt, groups: own };
  const given = { ...(suite === undefined ? {} : { suite }), ...(tenderId === undefined ? {} : { tenderId }), ...(lot === undefined ? {} : { lot }), ...(opensAt === null ? {} : { opensAt }) };
  return holdToTender({ ...tender.description, suite: tender.file.suite, groups: tender.groups }, { ...given, groups: own, documentNames: documents.map(({ name }) => name), incomplete: incomplete ?? false });
}

async function lookAtOpeners(context: BidContext, groups: readonly CandidateGroup[], opensAt: Date | null, options: TrustOptions & { readonly refreshCrls?: boolean }): Promise<OpenerFinding[]> {
  const { terminal, say } = context;
  if (options.refreshCrls === true) await refreshLists(context, groups.flatMap(({ certificates }) => certificates), options);
  const findings = await checkOpeners(groups, { opensAt, trust: await readTrust(context, options), tested: new Set() }, context.means);
  for (const finding of findings) for (const line of openerLines(say, finding)) terminal.note(line);
  return findings;
}

/** One request before the work begins: an authority that does not answer is found out now and not after hours. */
async function timeStamps({ means }: BidContext, { tsa, tsaDigest }: MakeOptions, suite: SuiteId) {
  if (tsa === undefined) return {};
  const timeStamp = timeStampFrom(tsa, tsaDigest ?? (suite === 'sm' ? 'sm3' : 'sha-256'), means);
  await timeStamp(means.crypto.randomBytes(32));
  return { timeStamp };
}

async function madeResult({ say }: BidContext, made: MadeFile, out: string, more: Readonly<Record<string, unknown>>): Promise<CommandResult> {
  const { size } = await stat(out);
  const value = { file: resolve(out), sizeBytes: size, sealIdHex: toHex(made.identity.sealId), rootHex: toHex(made.root), sealedAtUtc: made.identity.sealedAt.toISOString(), documents: documentFacts(made.documents), ...more };
  return { value, lines: [say('bidMade', { file: out, size }), `${say('bidSealId')}: ${value.sealIdHex}`, `${say('bidRoot')}: ${value.rootHex}`] };
}

export interface TenderMakeOptions extends MakeOptions {
  readonly docDir: string;
  readonly description?: string;
  readonly tenderId?: string;
  readonly title?: string;
  readonly tenderer?: string;
  readonly opensAt?: string;
  readonly group: readonly string[];
  readonly signKey: string;
}

export async function makeTenderCommand(context: BidContext, options: TenderMakeOptions): Promise<CommandResult> {
  const { means } = context;
  const { suite = DEFAULT_SUITE } = options;
  const description = await describeTender(options);
  const groups = await readGroups(options.group, context.openerOfKey);
  const documents = await readFolder(options.docDir);
  if (documents.some(({ name }) => name === TENDER_DOCUMENT)) throw new AppError('SEAL_NAME_DUPLICATE', { name: TENDER_DOCUMENT, option: '--description' });
  openersOf(await lookAtOpeners(context, groups, description.opensAtUtc === null ? null : new Date(description.opensAtUtc), options));
  const timeStamp = await timeStamps(context, options, suite);
  const made = await context.withKey(options.signKey, options, (keys) =>
    makeTender({ suite, description, groups, documents, signer: chooseSigner(keys, means.clock()), outPath: resolve(options.out), ...timeStamp }, means, workOptions(context)));
  return madeResult(context, made, options.out, { groups: groups.map(({ name, certificates }) => ({ name, openers: certificates.map((der) => certificateFacts(der, means)) })) });
}

/** From a JSON file, with single members on the command line above it. What is wrong is told by the writer of the package. */
async function describeTender(options: TenderMakeOptions): Promise<Omit<TenderDescription, 'format' | 'groups'>> {
  const given = options.description === undefined ? {} : await readJson(options.description);
  const opensAt = readTime(options.opensAt, '--opens-at');
  const { format: _format, groups: _groups, ...described } = { lots: [], parts: [], opensAtUtc: null, ...given } as Partial<TenderDescription>;
  const set = Object.entries({ tenderId: options.tenderId, title: options.title, tenderer: options.tenderer, opensAtUtc: opensAt?.toISOString().replace(/\.\d+Z$/, 'Z') }).filter(([, value]) => value !== undefined);
  return { ...described, ...Object.fromEntries(set) } as Omit<TenderDescription, 'format' | 'groups'>;
}

async function readJson(path: string): Promise<object> {
  const text = Buffer.from(await readSmallFile(path)).toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
  }
  throw new AppError('SEAL_TENDER_MALFORMED', { reason: 'no JSON', name: basename(path) });
}

export interface RewrapOptions extends PinOptions, TrustOptions {
  readonly key: readonly string[];
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly out?: string;
  readonly signKey?: string;
  readonly refreshCrls?: boolean;
}

export async function rewrap(context: BidContext, file: string, options: RewrapOptions): Promise<CommandResult> {
  const { means, say } = context;
  const before = await inspectBid(file, means);
  const findings = await lookAtOpeners(context, await readGroups(options.add, context.openerOfKey), before.opensAtUtc === null ? null : new Date(before.opensAtUtc), options);
  const changes = groupChanges(openersOf(findings), options.remove, before.groups);
  if (changes.length === 0) throw new AppError('USAGE', { missing: '--add' });
  const outPath = resolve(options.out ?? rewrappedName(file));
  const signKey = options.signKey ?? options.key[0] ?? '';
  const shares = await takeShares(context, file, options.key.filter((one) => one !== signKey), options);
  try {
    await context.withKey(signKey, options, async (keys) => {
      // One login for opening and signing, where the same key does both.
      if (options.key.includes(signKey)) shares.push(...(await sharesOf(context, file, keys)));
      await rewrapBid({ path: file, outPath, opening: { recipients: [], shares }, changes, ticket: await readTicketBeside(file), signer: chooseSigner(keys, means.clock()) }, means, workOptions(context));
    });
  } finally {
    wipeShares(shares);
  }
  const after = await inspectBid(outPath, means);
  return { value: { file: outPath, groups: after.groups, rewraps: after.rewraps }, lines: [say('bidRewrapMade', { file: outPath })] };
}
