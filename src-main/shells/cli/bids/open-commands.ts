/** `bidkey open`, `extract`, `rehearse`, `share`, `challenge`: what needs keys of openers. Keys of several groups are logged in one after the other. */
import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { GroupShare } from '#shared/seal/collect-shares.ts';
import type { InspectedFile } from '#shared/seal/inspect-file.ts';
import type { OpenedManifest } from '#shared/seal/manifest.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { findExtension } from '#shared/x509/extension.ts';
import { KEY_USAGE } from '#shared/x509/extensions/key-usage.ts';
import { extractDocument, listDocuments } from '../../../sealing/extract-document.ts';
import { openBid } from '../../../sealing/open-bid.ts';
import { rehearseOpening } from '../../../sealing/rehearse-opening.ts';
import { acceptShareAnswer, answerShareChallenge, makeShareChallenge, readShareChallenge } from '../../../sealing/remote-opening.ts';
import { judgeReceiver, requireReceiver } from '../../../sealing/share-receiver.ts';
import { inspectBid } from '../../../sealing/sealed-file.ts';
import { chooseSigner, openersOfFile, type TokenKeys } from '../../../sealing/token-keys.ts';
import { readTicketBeside } from '../../../sealing/ticket-beside.ts';
import { unwrapShares } from '../../../sealing/unwrap-shares.ts';
import { writing } from '../../../sealing/system-errors.ts';
import type { CommandResult } from '../command.ts';
import type { BidContext, PinOptions } from './bid-context.ts';
import { readSmallFile } from './bid-inputs.ts';
import { readTrust, type TrustOptions } from './bid-trust.ts';
import { certificateFacts, documentFacts, workOptions } from './bid-lines.ts';

export interface OpenOptions extends PinOptions {
  readonly key: readonly string[];
  /** Answers of remote openers. */
  readonly share: readonly string[];
  /** The challenges that they answer; by default the one beside the bid. */
  readonly challenge: readonly string[];
  readonly beforeTime?: boolean;
}

/** The shares that the keys of one login give. @throws SEAL_NOT_AN_OPENER, SEAL_UNWRAP_FAILED, SEAL_SHARE_WRONG */
export const sharesOf = async ({ means }: BidContext, file: string, { recipients }: TokenKeys): Promise<GroupShare[]> => unwrapShares(file, await openersOfFile(file, recipients, means), means);

/** The shares of several keys, one login after the other; the caller wipes them. */
export async function takeShares(context: BidContext, file: string, wanted: readonly string[], pin: PinOptions): Promise<GroupShare[]> {
  const shares: GroupShare[] = [];
  try {
    for (const one of wanted) shares.push(...(await context.withKey(one, pin, (keys) => sharesOf(context, file, keys))));
    return shares;
  } catch (thrown) {
    wipeShares(shares);
    throw thrown;
  }
}

export const wipeShares = (shares: readonly GroupShare[]): void => wipeBytes(...shares.map(({ share }) => share));

async function withShares<T>(context: BidContext, file: string, options: { readonly key: readonly string[] } & PinOptions, deed: (shares: readonly GroupShare[]) => Promise<T>): Promise<T> {
  const shares = await takeShares(context, file, options.key, options);
  try {
    return await deed(shares);
  } finally {
    wipeShares(shares);
  }
}

/** Runs a deed with everything that opens: keys and remote shares. For plain files nothing is needed. */
async function withOpening<T>(context: BidContext, file: string, options: OpenOptions, deed: (shares: readonly GroupShare[]) => Promise<T>): Promise<T> {
  const inspected = await inspectBid(file, context.means);
  if (inspected.kind !== 'sealed') return deed([]);
  if (options.key.length === 0 && options.share.length === 0) throw new AppError('USAGE', { missing: '--key' });
  passOpeningTime(context, inspected, options.beforeTime ?? false);
  if (options.share.length === 0) return withShares(context, file, options, deed);
  return withRemoteShares(context, file, options, deed);
}

/** The keys of the hall open the answers, and their own groups. */
async function withRemoteShares<T>(context: BidContext, file: string, options: OpenOptions, deed: (shares: readonly GroupShare[]) => Promise<T>): Promise<T> {
  const { means, terminal, say } = context;
  const shares: GroupShare[] = [];
  const waiting = new Set(options.share);
  const challenges = await Promise.all((options.challenge.length > 0 ? options.challenge : [challengeBeside(file)]).map(readSmallFile));
  let fault: unknown = new AppError('USAGE', { missing: '--key' });
  try {
    for (const one of options.key) {
      await context.withKey(one, options, async (keys) => {
        shares.push(...(await ownShares(context, file, keys)));
        for (const answerFile of [...waiting]) {
          for (const challenge of challenges) {
            try {
              const { signature, ...share } = await acceptShareAnswer(file, await readSmallFile(answerFile), challenge, keys.recipients, means);
              shares.push(share);
              waiting.delete(answerFile);
              terminal.note(say('bidShareBy', { signer: certificateFacts(signature.certificateDer, means).subject }));
            } catch (thrown) {
              if (!(thrown instanceof AppError)) throw thrown;
              fault = thrown;
            }
          }
        }
      });
    }
    if (waiting.size > 0) throw fault;
    return await deed(shares);
  } finally {
    wipeShares(shares);
  }
}

/** A key of the hall need not be an opener. */
async function ownShares(context: BidContext, file: string, keys: TokenKeys): Promise<GroupShare[]> {
  try {
    return await sharesOf(context, file, keys);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'SEAL_NOT_AN_OPENER') return [];
    throw thrown;
  }
}

const challengeBeside = (file: string): string => `${file}.challenge`;

/** Before any PIN is asked for. @throws OPENING_TOO_EARLY unless it was said expressly */
function passOpeningTime({ means, terminal, say }: BidContext, { opensAtUtc }: Pick<InspectedFile, 'opensAtUtc'>, beforeTime: boolean): void {
  if (opensAtUtc === null || means.clock() >= new Date(opensAtUtc)) return;
  terminal.note(say(beforeTime ? 'bidTooEarly' : 'bidTooEarlyRefused', { time: opensAtUtc }));
  if (!beforeTime) refuse('OPENING_TOO_EARLY', { opensAtUtc });
}

export async function open(context: BidContext, file: string, options: OpenOptions & { readonly out: string }): Promise<CommandResult> {
  const { means, say } = context;
  const outFolder = resolve(options.out);
  const { manifest, signatures } = await withOpening(context, file, options, (shares) => openBid(file, { recipients: [], shares }, outFolder, means, workOptions(context)));
  const { documents } = manifest.manifest;
  return {
    value: { folder: outFolder, documents: documentFacts(documents), signer: certificateFacts(manifest.signature.certificateDer, means), sealedBy: certificateFacts(signatures.outer.certificateDer, means) },
    lines: [say('bidOpened', { folder: options.out, count: documents.length }), ...documents.map(({ name, size }) => `  ${name} · ${size} B`)],
  };
}

export async function extract(context: BidContext, file: string, name: string | undefined, options: OpenOptions & { readonly out?: string }): Promise<CommandResult> {
  const { means, say } = context;
  return withOpening(context, file, options, async (shares) => {
    const opening = { recipients: [], shares };
    if (name === undefined) return listing(context, await listDocuments(file, opening, means));
    const outPath = resolve(options.out ?? basename(name));
    const document = await extractDocument(file, opening, name, outPath, means, workOptions(context));
    return { value: { file: outPath, document: documentFacts([document])[0] }, lines: [say('bidExtracted', { name: document.name, file: outPath })] };
  });
}

function listing({ means }: BidContext, { manifest, signature }: OpenedManifest): CommandResult {
  return { value: { documents: documentFacts(manifest.documents), signer: certificateFacts(signature.certificateDer, means) }, lines: manifest.documents.map(({ name, mediaType, size }) => `${name} · ${mediaType} · ${size} B`) };
}

export interface RehearseOptions extends PinOptions {
  readonly key: readonly string[];
  /** False: without; absent: the one beside the bid, if it is there. */
  readonly ticket?: string | false;
}

export async function rehearse(context: BidContext, file: string, options: RehearseOptions): Promise<CommandResult> {
  const { means, say } = context;
  const ticket = options.ticket === false ? null : options.ticket !== undefined ? await readSmallFile(options.ticket) : await readTicketBeside(file);
  return withShares(context, file, options, async (shares) => {
    const done = await rehearseOpening(file, [], means, { shares, ticket });
    const { groups } = await inspectBid(file, means);
    const unwrapped = groups.map(({ name }) => name).filter((name) => !done.missingGroups.includes(name));
    const value = { sealIdHex: done.sealIdHex, atUtc: done.at.toISOString(), unwrappedGroups: unwrapped, missingGroups: done.missingGroups, groupsByTicket: done.groupsByTicket, opened: done.opened };
    const lines = [
      say('bidSharesRight', { groups: unwrapped.join(', ') }),
      ...(done.groupsByTicket.length > 0 ? [say('bidByTicket', { groups: done.groupsByTicket.join(', ') })] : done.missingGroups.map((group) => say('bidNotTried', { group }))),
      say(done.opened ? 'bidChunksOpened' : 'bidChunksNotTried'),
    ];
    return { value, lines };
  });
}

export async function challenge(context: BidContext, file: string, options: PinOptions & { readonly key: string; readonly out?: string; readonly minutes: number }): Promise<CommandResult> {
  const { means, say } = context;
  const outPath = resolve(options.out ?? challengeBeside(file));
  const message = await context.withKey(options.key, options, (keys) =>
    makeShareChallenge(file, { certificateDer: encryptionCertificate(keys), signer: chooseSigner(keys, means.clock()) }, options.minutes * 60_000, means));
  await writeNew(outPath, message);
  return { value: { file: outPath, minutes: options.minutes }, lines: [say('bidChallengeMade', { file: outPath, minutes: options.minutes })] };
}

export interface ShareOptions extends PinOptions, TrustOptions {
  readonly key: string;
  readonly challenge: string;
  readonly out: string;
  readonly beforeTime?: boolean;
  /** Who gets the share, as the person knows it. */
  readonly receiver?: string;
}

export async function share(context: BidContext, file: string, options: ShareOptions): Promise<CommandResult> {
  const { means, say, terminal } = context;
  const message = await readSmallFile(options.challenge);
  const asked = await readShareChallenge(file, message, means);
  const [signer, hall] = [certificateFacts(asked.signature.certificateDer, means), certificateFacts(asked.challenge.hallCertificateDer, means)];
  const judged = await judgeReceiver(asked, await readTrust(context, options), means);
  terminal.note(say('bidHall', { signer: signer.subject, trust: say(`receiverTrust-${judged.signer}`), time: asked.challenge.expiresAt.toISOString() }));
  terminal.note(say('bidReceiver', { receiver: hall.subject, trust: say(`receiverTrust-${judged.hall}`) }));
  passOpeningTime(context, { opensAtUtc: asked.opensAt?.toISOString() ?? null }, options.beforeTime ?? false);
  requireReceiver(judged, options.receiver ?? null);
  const answer = await context.withKey(options.key, options, async (keys) => {
    const [recipient] = await openersOfFile(file, keys.recipients, means);
    return answerShareChallenge(file, message, { recipient: recipient ?? refuse('SEAL_NOT_AN_OPENER'), signer: chooseSigner(keys, means.clock()) }, means);
  });
  const outPath = resolve(options.out);
  await writeNew(outPath, answer);
  return { value: { file: outPath, signer, signerTrust: judged.signer, hall, hallTrust: judged.hall, expiresAtUtc: asked.challenge.expiresAt.toISOString(), tooEarly: asked.tooEarly }, lines: [say('bidShareMade', { file: outPath })] };
}

/** Of those that can decrypt, the one certified last for encryption. */
function encryptionCertificate({ recipients }: TokenKeys): Uint8Array {
  const able = recipients
    .map(({ certificateDer }) => parseCertificate(certificateDer))
    .filter(({ extensions }) => (findExtension(extensions, KEY_USAGE)?.value ?? ['keyEncipherment']).some((usage) => usage === 'keyEncipherment' || usage === 'dataEncipherment'))
    .sort((one, other) => other.notBefore.date.getTime() - one.notBefore.date.getTime());
  return able[0]?.der ?? refuse('KEY_NOT_FOUND', { purpose: 'encrypt' });
}

/** @throws SEAL_OUTPUT_EXISTS */
async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  await writing(path, () => writeFile(path, bytes, { flag: 'wx', mode: 0o600, flush: true }));
}
