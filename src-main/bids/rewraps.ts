/**
 * 换加开标人 (re-wrap): a sealed bid written anew for other openers. Openers are looked at as a sealing does, before any PIN is used; the new file stands under another name,
 * the ledger knows of it at once, and the rehearsal ticket lies beside it too. Spec: docs/spec/sealed-bid.md §9, §12.
 */
import { basename, isAbsolute } from 'node:path';
import type { BidWork, ChosenOpener, SealedFacts } from '#shared/contract/desktop/bids.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import type { OpenerCheck, RewrapBase } from '#shared/contract/desktop/rewraps.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { toHex } from '#shared/bytes/hex.ts';
import type { EnvelopeRecipient } from '#shared/cms/envelope.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { nullWhenRefused } from '#shared/errors/null-when-refused.ts';
import { MAX_REWRAPS } from '#shared/seal/limits.ts';
import { readTicket } from '#shared/seal/rehearsal-ticket.ts';
import { checkOpeners, openersOf, type OpenerFinding } from '../sealing/check-openers.ts';
import { exists, NewFile } from '../sealing/new-file.ts';
import { groupChanges, rewrapBid, rewrappedName, type BidToRewrap } from '../sealing/rewrap-bid.ts';
import { inspectBid, withSealedFile } from '../sealing/sealed-file.ts';
import { meansFor, type SealingMeans, type WorkOptions } from '../sealing/sealing-means.ts';
import { readTicketBeside, ticketBeside } from '../sealing/ticket-beside.ts';
import { chooseSigner, openersOfFile } from '../sealing/token-keys.ts';
import type { Authorities } from './authorities.ts';
import type { BidLedger } from './bid-ledger.ts';
import { sha256Hex } from './certificate-facts.ts';
import { inspectSealed } from './inspect-sealed.ts';
import type { KnownCertificates } from './known-certificates.ts';
import { openKey, type KeyInput, type OpenKey, type RememberingTokens } from './log-in-key.ts';
import { noteRewrappedIn } from './projects/note-rewrapped.ts';
import { listCandidates } from './projects/openers.ts';
import { findShutOpeners } from './projects/shut-openers.ts';
import type { ProjectRecord } from './projects/project-record.ts';
import type { RecordStore } from './record-store.ts';
import type { WorkDesk, WorkResult } from './work-desk.ts';

export interface RewrapDeps {
  readonly tokens: RememberingTokens;
  readonly means: SealingMeans;
  readonly known: KnownCertificates;
  readonly authorities: Pick<Authorities, 'trust' | 'refresh'>;
  readonly ledger: Pick<BidLedger, 'noteRewrapped'>;
  readonly work: WorkDesk;
  readonly projects: RecordStore<ProjectRecord>;
}

type BeginInput = DesktopInput<'rewraps.begin'>;

export function createRewraps(deps: RewrapDeps) {
  const { tokens, means, known, work } = deps;
  return {
    async prepare(path: string): Promise<RewrapBase> {
      const facts = await sealedOnly(path, deps);
      const ticket = await ticketOf(path, means);
      const taken = fingerprintsOf(facts);
      const candidates = await listCandidates({ tokens, known }, facts.groups[0]?.name ?? '', [], '');
      return {
        facts, ticketGroup: ticket?.group ?? null, ticketInvalid: ticket !== null && ticket.group === null, rewrapsLeft: MAX_REWRAPS - facts.rewraps, outPath: await freeName(path),
        candidates: candidates.filter(({ certificateDer }) => !taken.has(fingerprintIn(facts, certificateDer, means))),
      };
    },
    async checkOpeners({ path, openers }: DesktopInput<'rewraps.checkOpeners'>): Promise<OpenerCheck[]> {
      const facts = await sealedOnly(path, deps);
      deps.authorities.refresh(openers.map(({ certificateDer }) => fromBase64(certificateDer)));
      const taken = fingerprintsOf(facts);
      const findings = await findOpeners(deps, facts, openers);
      return findings.map((finding) => checkOf(finding, taken.has(fingerprintIn(facts, finding.certificateDer, means))));
    },
    async begin(input: BeginInput): Promise<BidWork> {
      const key = `rewrap ${input.path}`;
      if (work.isRunning(key)) refuse('BID_WORK_RUNNING');
      const { facts, changes } = await planChanges(deps, input);
      const opened: OpenKey[] = [];
      const close = async (): Promise<void> => {
        for (const one of opened.splice(0)) await one.close();
      };
      try {
        for (const one of input.keys) opened.push(await openOneOf(tokens, one));
        const [first] = opened;
        const signer = first ? chooseSigner(first.keys, means.clock()) : refuse('SEAL_NO_SIGNING_KEY');
        const recipients = await recipientsOf(input.path, opened, means);
        return work.begin('rewrap', { projectId: null, key }, async (options) => {
          try {
            return await carryOut(deps, { path: input.path, outPath: input.outPath, opening: { recipients }, changes, signer }, { facts, ...input }, options);
          } finally {
            await close();
          }
        });
      } catch (thrown) {
        // Nothing has begun: a wrong PIN, a key that opens nothing here, or other work that was faster.
        await close();
        throw thrown;
      }
    },
  };
}

/** Of several keys, a refusal names its own: a wrong PIN is asked for again at that key. */
async function openOneOf(tokens: RememberingTokens, key: KeyInput): Promise<OpenKey> {
  try {
    return await openKey(tokens, key);
  } catch (thrown) {
    if (thrown instanceof AppError) throw new AppError(thrown.code, { ...thrown.details, serial: key.token.serial }, thrown);
    throw thrown;
  }
}

/** @throws SEAL_GROUPS for a backup or a tender package */
async function sealedOnly(path: string, { tokens, means }: Pick<RewrapDeps, 'tokens' | 'means'>): Promise<SealedFacts> {
  const facts = await inspectSealed(path, tokens, means);
  return facts.kind === 'sealed' ? facts : refuse('SEAL_GROUPS', { reason: 'a plain file has no openers' });
}

const fingerprintsOf = ({ groups }: Pick<SealedFacts, 'groups'>): ReadonlySet<string> => new Set(groups.flatMap(({ openers }) => openers.map(({ fingerprintHex }) => fingerprintHex)));
const fingerprintIn = ({ suite }: Pick<SealedFacts, 'suite'>, certificate: string | Uint8Array, means: SealingMeans): string =>
  toHex(meansFor(means, suite).suite.digest(typeof certificate === 'string' ? fromBase64(certificate) : certificate));

/** The ticket beside the bid; without a group when it is none of this bid. */
async function ticketOf(path: string, means: SealingMeans): Promise<{ readonly bytes: Uint8Array; readonly group: string | null } | null> {
  const bytes = await readTicketBeside(path);
  if (bytes === null) return null;
  return withSealedFile(path, means, async ({ header, means: { suite } }) => {
    const ticket = nullWhenRefused(() => readTicket(bytes, header, suite));
    return { bytes, group: ticket === null ? null : (header.core.groupNames[ticket.group] ?? null) };
  });
}

async function freeName(path: string): Promise<string> {
  for (let n = 1; ; n++) {
    const name = rewrappedName(path, n);
    if (!(await exists(name)) && !(await exists(ticketBeside(name)))) return name;
  }
}

async function findOpeners({ tokens, means, known, authorities }: RewrapDeps, { opensAtUtc }: Pick<SealedFacts, 'opensAtUtc'>, openers: readonly ChosenOpener[]): Promise<OpenerFinding[]> {
  const tested = new Set<string>();
  for (const { certificateDer } of openers) if ((await known.testedAt(certificateDer)) !== null) tested.add(sha256Hex(fromBase64(certificateDer)));
  const groups = [...new Set(openers.map(({ group }) => group))].map((name) => ({ name, certificates: openers.filter(({ group }) => group === name).map(({ certificateDer }) => fromBase64(certificateDer)) }));
  const findings = await checkOpeners(groups, { opensAt: opensAtUtc === null ? null : new Date(opensAtUtc), trust: await authorities.trust(), tested }, means);
  const shut = new Set((await findShutOpeners({ tokens, known }, openers)).map(({ certificateDer }) => sha256Hex(fromBase64(certificateDer))));
  return findings.map((one) => (one.refusal === null && shut.has(one.sha256Hex) ? { ...one, refusal: 'rsa over skf' } : one));
}

function checkOf({ certificateDer, group, refusal, warnings, revocation, revocationAt }: OpenerFinding, already: boolean): OpenerCheck {
  return {
    sha256Hex: sha256Hex(certificateDer), group, refusal: already ? 'already an opener' : refusal, revocation, revocationAtUtc: revocationAt?.toISOString() ?? null,
    // The group has openers already: an added one is never its only one.
    warnings: warnings.filter((one) => one !== 'single-untested'),
  };
}

/** Everything that can be refused without a key. @throws INPUT_INVALID, FILE_PLACE_REFUSED, SEAL_OUTPUT_EXISTS, SEAL_GROUPS, SEAL_OPENER_DUPLICATE, SEAL_OPENER_REFUSED, SEAL_NOT_AN_OPENER */
async function planChanges(deps: RewrapDeps, { path, outPath, add, remove }: BeginInput): Promise<{ readonly facts: SealedFacts; readonly changes: BidToRewrap['changes'] }> {
  if (add.length === 0 && remove.length === 0) refuse('INPUT_INVALID', { field: 'add' });
  const facts = await sealedOnly(path, deps);
  if (!isAbsolute(outPath)) refuse('FILE_PLACE_REFUSED');
  for (const name of [outPath, ticketBeside(outPath)]) if (await exists(name)) refuse('SEAL_OUTPUT_EXISTS', { name: basename(name) });
  const taken = fingerprintsOf(facts);
  for (const { group, certificateDer } of add) {
    if (!facts.groups.some(({ name }) => name === group)) refuse('SEAL_GROUPS', { reason: 'no such group', group });
    if (taken.has(fingerprintIn(facts, certificateDer, deps.means))) refuse('SEAL_OPENER_DUPLICATE');
  }
  const changes = groupChanges(openersOf(await findOpeners(deps, facts, add)), remove, (await inspectBid(path, deps.means)).groups);
  for (const { group, remove: gone, add: more } of changes) {
    const before = facts.groups.find(({ name }) => name === group)?.openers.length ?? 0;
    if (before - gone.length + more.length < 1) refuse('SEAL_GROUPS', { reason: 'a group without openers', group });
  }
  return { facts, changes };
}

/** Those of each key that open this bid. @throws SEAL_NOT_AN_OPENER with the key that opens nothing here */
async function recipientsOf(path: string, opened: readonly OpenKey[], means: SealingMeans): Promise<EnvelopeRecipient[]> {
  const recipients: EnvelopeRecipient[] = [];
  for (const { token, keys } of opened) {
    try {
      recipients.push(...(await openersOfFile(path, keys.recipients, means)));
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === 'SEAL_NOT_AN_OPENER') throw new AppError('SEAL_NOT_AN_OPENER', { serial: token.ref.serial }, thrown);
      throw thrown;
    }
  }
  return recipients;
}

/** The ticket gets its name after the bid has: a file that could not be made leaves nothing. */
async function carryOut({ means, ledger, known, projects }: RewrapDeps, bid: BidToRewrap, { facts, add, remove }: Pick<BeginInput, 'add' | 'remove'> & { readonly facts: SealedFacts }, options: WorkOptions): Promise<WorkResult> {
  const beside = await ticketOf(bid.path, means);
  const ticket = beside?.group ? beside.bytes : null;
  const copy = ticket === null ? null : await NewFile.create(ticketBeside(bid.outPath));
  try {
    if (ticket !== null) await copy?.write(ticket);
    await rewrapBid({ ...bid, ticket }, means, options);
    await copy?.commit();
  } finally {
    await copy?.discard();
  }
  // The file is made. The ledger first: a deed on a key would lose a bid whose openers it does not know.
  await ledger.noteRewrapped(bid.outPath);
  const removed = facts.groups.flatMap(({ name, openers }) => openers.filter(({ fingerprintHex }) => remove.includes(fingerprintHex)).map(({ serialHex }) => ({ group: name, serialHex })));
  const output = await noteRewrappedIn(projects, { sealIdHex: facts.sealIdHex, path: bid.outPath, ticketPath: ticket === null ? null : ticketBeside(bid.outPath), added: add, removed });
  await known.note(add);
  return { madePath: bid.outPath, ...(output === null ? {} : { output }) };
}
