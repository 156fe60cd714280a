/** Who can open a bid: candidates from keys, tender package, files and memory; what is wrong with one; a test by the key itself. */
import type { BidOpener, BidProject, ChosenOpener } from '#shared/contract/desktop/bids.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { equalBytes, wipeBytes } from '#shared/bytes/byte-strings.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { nullWhenRefused } from '#shared/errors/null-when-refused.ts';
import { BIDDER_GROUP, isBidderGroup } from '#shared/seal/group-names.ts';
import { SHARE_BYTES } from '#shared/seal/limits.ts';
import { unwrapShare, wrapShare } from '#shared/seal/opener.ts';
import type { SuiteId } from '#shared/seal/suites.ts';
import { checkOpeners, type OpenerFinding } from '../../sealing/check-openers.ts';
import { meansFor, type SealingMeans } from '../../sealing/sealing-means.ts';
import type { TokenKeys } from '../../sealing/token-keys.ts';
import type { TrustQuestion } from '../../sealing/trust.ts';
import type { TokenPort } from '../../token/token-port.ts';
import { certificateFacts, sha256Hex } from '../certificate-facts.ts';
import type { KnownCertificates } from '../known-certificates.ts';
import type { RecordStore } from '../record-store.ts';
import type { ProjectRecord } from './project-record.ts';
import { viewProject } from './project-view.ts';
import { requireOpen } from './projects.ts';
import { findShutOpeners, shutByPlugged } from './shut-openers.ts';

/** Names of groups as they stand in bids; the screens and the command line use the same. */
export { BIDDER_GROUP };
export const TENDERER_GROUP = 'tenderer';

export interface OpenerDeps {
  readonly store: RecordStore<ProjectRecord>;
  readonly tokens: Pick<TokenPort, 'list'>;
  readonly known: KnownCertificates;
  readonly means: SealingMeans;
}

/** By fingerprint once: the first source that has it. @param home group in which keys of this machine stand */
export async function listCandidates({ tokens, known }: Pick<OpenerDeps, 'tokens' | 'known'>, home: string, fixed: readonly ChosenOpener[], company: string): Promise<BidOpener[]> {
  const plugged = (await tokens.list()).tokens.flatMap((token) => token.certificates).map(({ certificateDer }): ChosenOpener => ({ group: home, certificateDer, source: 'key' }));
  const recent = await known.list();
  const companies = new Set([company, ...plugged.map(({ certificateDer }) => organisationOf(certificateDer))].filter((name) => name !== ''));
  const remembered = recent.map(({ certificateDer, group }): ChosenOpener => ({ group, certificateDer, source: companies.has(organisationOf(certificateDer)) ? 'company' : 'recent' }));
  const seen = new Set<string>();
  const candidates: BidOpener[] = [];
  for (const opener of [...fixed, ...plugged, ...remembered]) {
    const facts = tryFacts(opener.certificateDer);
    if (!facts || !['encrypt', 'both'].includes(facts.purpose) || seen.has(facts.sha256Hex)) continue;
    seen.add(facts.sha256Hex);
    candidates.push({ ...opener, facts, testedAtUtc: recent.find((one) => one.certificateDer === opener.certificateDer)?.testedAtUtc ?? null });
  }
  const shut = new Set((await findShutOpeners({ tokens, known }, candidates)).map(({ certificateDer }) => certificateDer));
  return candidates.map((one) => (shut.has(one.certificateDer) ? { ...one, shut: 'rsa-over-skf' } : one));
}

function organisationOf(certificateDer: string): string {
  const facts = tryFacts(certificateDer);
  return facts?.organisation ?? facts?.subjectCommonName ?? '';
}

/** @returns null for what is no certificate: keys hold all kinds of things */
function tryFacts(certificateDer: string): BidOpener['facts'] | null {
  return nullWhenRefused(() => certificateFacts(fromBase64(certificateDer)));
}

export function createOpeners(deps: OpenerDeps) {
  const { store, known, means } = deps;
  return {
    async candidates(projectId: string): Promise<BidOpener[]> {
      const record = await store.get(projectId);
      return listCandidates(deps, BIDDER_GROUP, record.tender?.openers ?? [], record.bidderName);
    },
    async set({ projectId, openers }: DesktopInput<'bids.setOpeners'>): Promise<BidProject> {
      const ids = openers.map(({ certificateDer }) => certificateFacts(fromBase64(certificateDer)).sha256Hex);
      // One key in two groups would open both alone.
      if (new Set(ids).size !== ids.length) refuse('SEAL_OPENER_DUPLICATE');
      refuseApart(requireOpen(await store.get(projectId)), openers);
      const plugged = await shutByPlugged(deps.tokens);
      await known.note(openers.filter(({ source }) => source !== 'tender').map(({ certificateDer, group }) => {
        const shut = plugged.get(certificateDer);
        return { certificateDer, group, ...(shut === undefined ? {} : { shut }) };
      }));
      const tested = new Map<string, string | null>();
      for (const { certificateDer } of openers) tested.set(certificateDer, await known.testedAt(certificateDer));
      return viewProject(await store.change(projectId, (record) => {
        // Asked again: a newer package may have come in between.
        refuseApart(requireOpen(record), openers);
        return { ...record, openers: openers.map((opener) => ({ ...opener, testedAtUtc: tested.get(opener.certificateDer) ?? null })) };
      }));
    },
    /** @throws OPENING_KEY_USELESS when no opener of the project stands on the key, SEAL_UNWRAP_FAILED */
    async test(projectId: string, serial: string, keys: TokenKeys): Promise<BidProject> {
      const record = await store.get(projectId);
      const mine = record.openers.filter(({ certificateDer }) => keys.recipients.some((recipient) => sha256Hex(recipient.certificateDer) === sha256Hex(fromBase64(certificateDer))));
      if (mine.length === 0) refuse('OPENING_KEY_USELESS', { serial });
      for (const { certificateDer } of mine) await testOpener(fromBase64(certificateDer), keys, record.suite, means);
      const testedAtUtc = means.clock().toISOString();
      await known.note(mine.map(({ certificateDer, group }) => ({ certificateDer, group, testedAtUtc })));
      return viewProject(await store.change(projectId, (latest) => ({ ...latest, openers: latest.openers.map((one) => (mine.some(({ certificateDer }) => certificateDer === one.certificateDer) ? { ...one, testedAtUtc } : one)) })));
    },
  };
}

/** The very way of an opening: a share wrapped for the certificate, unwrapped by its key. @throws SEAL_UNWRAP_FAILED, and what the key says */
async function testOpener(certificateDer: Uint8Array, keys: TokenKeys, suiteId: SuiteId, sealing: SealingMeans): Promise<void> {
  const { suite, crypto, engine } = meansFor(sealing, suiteId);
  const share = crypto.randomBytes(SHARE_BYTES);
  const opener = await wrapShare(share, { certificateDer, revocation: 'unknown', revocationAt: null }, suite, crypto, engine);
  const recipient = keys.recipients.find((one) => equalBytes(one.certificateDer, certificateDer)) ?? refuse('SEAL_NOT_AN_OPENER');
  const back = await unwrapShare(opener, recipient, suite, engine, 'test');
  const same = equalBytes(share, back);
  wipeBytes(share, back);
  if (!same) refuse('SEAL_UNWRAP_FAILED');
}

/** What the sealing would say of the openers of a project: the bidder's group first, then those of the tender, in their order. */
export function findOpeners(record: ProjectRecord, trust: TrustQuestion | null, means: SealingMeans): Promise<OpenerFinding[]> {
  const names = [...new Set([BIDDER_GROUP, ...(record.tender?.facts.groups.map(({ name }) => name) ?? []), ...record.openers.map(({ group }) => group)])];
  const groups = names.map((name) => ({ name, certificates: openersOfGroup(record.openers, name).map(({ certificateDer }) => fromBase64(certificateDer)) }));
  const tested = new Set(record.openers.filter(({ testedAtUtc }) => testedAtUtc !== null).map(({ certificateDer }) => sha256Hex(fromBase64(certificateDer))));
  return checkOpeners(groups, { opensAt: record.opensAtUtc === null ? null : new Date(record.opensAtUtc), trust, tested }, means);
}

/**
 * Where a project leaves its tender package: openers that the package names and the project has not, those of the project's other groups that the package does not name, and
 * those of the package that stand for the bidder: with its group in their hands they would open alone, before the time.
 */
export function apartFromTender({ tender, openers }: { readonly tender: Pick<NonNullable<ProjectRecord['tender']>, 'openers'> | null; readonly openers: readonly ChosenOpener[] }): ChosenOpener[] {
  if (!tender) return [];
  const notBidders = (list: readonly ChosenOpener[]) => list.filter(({ group }) => group !== BIDDER_GROUP);
  const idOf = ({ group, certificateDer }: ChosenOpener) => `${sha256Hex(fromBase64(certificateDer))} ${group}`;
  const notIn = (list: readonly ChosenOpener[]) => (one: ChosenOpener) => !list.some((other) => idOf(other) === idOf(one));
  const [named, chosen] = [notBidders(tender.openers), notBidders(openers)];
  const forBidder = [...tender.openers, ...openers.filter(({ source }) => source === 'tender')].filter(({ group }) => isBidderGroup(group));
  const apart = [...named.filter(notIn(chosen)), ...chosen.filter(notIn(named)), ...forBidder];
  return apart.filter((one, i) => notIn(apart.slice(0, i))(one));
}

/** The tenderer's groups are what its package says, neither more nor less. @throws BID_OPENERS_OF_TENDER */
function refuseApart({ tender }: ProjectRecord, openers: readonly ChosenOpener[]): void {
  const apart = apartFromTender({ tender, openers });
  if (apart.length > 0) refuse('BID_OPENERS_OF_TENDER', { openers: apart.map(({ certificateDer }) => certificateFacts(fromBase64(certificateDer)).subjectCommonName) });
}

export const openersOfGroup = (openers: readonly ChosenOpener[], group: string): ChosenOpener[] => openers.filter((one) => one.group === group);

