/** The check list before sealing: each check one row, with what is meant by name. Rule: what cannot be told is `unknown`, never `ok`. */
import { join } from 'node:path';
import type { BidCheck } from '#shared/contract/desktop/bids.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { nullWhenRejected } from '#shared/errors/null-when-refused.ts';
import { findNameProblem } from '#shared/seal/document-name.ts';
import type { OpenerFinding } from '../../sealing/check-openers.ts';
import type { TrustQuestion, TrustVerdict } from '../../sealing/trust.ts';
import { judgeSigners, type VerifiedSigner } from '../../sealing/verify-bid.ts';
import type { SealingMeans } from '../../sealing/sealing-means.ts';
import { certificateFacts } from '../certificate-facts.ts';
import { freeBytesAt } from '../files/browse-folders.ts';
import type { RecordStore } from '../record-store.ts';
import { signatureName } from './copy-document.ts';
import type { ShutOpener } from './shut-openers.ts';
import { apartFromTender, BIDDER_GROUP, findOpeners, openersOfGroup } from './openers.ts';
import { findMisfits } from './misfits.ts';
import type { ProjectRecord } from './project-record.ts';
import { nameInBid, partState } from './project-view.ts';
import { documentsFolder } from './projects.ts';
import { verifyDocument } from './sign-documents.ts';

export interface ReadinessDeps {
  readonly store: RecordStore<ProjectRecord>;
  readonly means: SealingMeans;
  /** Authorities that are trusted here; null: none yet. */
  readonly trust: () => Promise<TrustQuestion | null>;
  /** Files among the authorities that hold no certificate that can be read. */
  readonly unreadableAuthorities: () => Promise<readonly string[]>;
  /** Openers whose keys are known and can never open what is sealed to them. */
  readonly shutOpeners: (openers: readonly ShutOpener[]) => Promise<readonly ShutOpener[]>;
  /** Digest of a copy; null when it is not there. */
  readonly digestOf: (path: string) => Promise<string | null>;
}

export interface ReadinessQuestion {
  readonly outFolder: string;
  /** The key that is to sign; null: not chosen yet. */
  readonly token: TokenSummary | null;
  readonly backup: boolean;
}

const row = (id: BidCheck['id'], verdict: BidCheck['verdict'], reason: string | null = null, facts: readonly string[] = []): BidCheck => ({ id, verdict, reason, facts: [...facts] });

export async function checkReadiness(deps: ReadinessDeps, record: ProjectRecord, question: ReadinessQuestion): Promise<BidCheck[]> {
  const now = deps.means.clock();
  const opensAt = record.opensAtUtc === null ? null : new Date(record.opensAtUtc);
  return [
    ...checkAuthorities(await deps.unreadableAuthorities()), await checkTender(deps, record), checkOpeningTime(opensAt, now), checkParts(record), await checkCopies(deps, record), await checkSignatures(deps, record), checkSigningKey(question.token, now, opensAt),
    ...checkOpenerGroups(record, await findOpeners(record, await deps.trust(), deps.means), await deps.shutOpeners(record.openers)), await checkDisk(record, question),
  ];
}

/** Those whose revocation lists the check list would like to have. */
export async function certificatesToFollow({ store, means }: Pick<ReadinessDeps, 'store' | 'means'>, { id, tender, openers }: ProjectRecord): Promise<Uint8Array[]> {
  const signer = tender && (await judgeTender(join(store.folderOf(id), tender.file), null, means));
  return [...openers.map(({ certificateDer }) => fromBase64(certificateDer)), ...(signer ? [signer.certificateDer] : [])];
}

/** Said only when there is something to say: most machines have no files of their own there. */
function checkAuthorities(unreadable: readonly string[]): BidCheck[] {
  return unreadable.length === 0 ? [] : [row('authorities', 'warning', 'unreadable', unreadable)];
}

async function checkTender({ store, means, trust }: ReadinessDeps, { id, tender, lot }: ProjectRecord): Promise<BidCheck> {
  if (!tender) return row('tender', 'ok', 'without-tender');
  if (tender.facts.lots.length > 0 && lot === '') return row('tender', 'blocked', 'lot-not-chosen');
  const signer = await judgeTender(join(store.folderOf(id), tender.file), await trust(), means);
  return signer === null ? row('tender', 'blocked', 'signature') : row('tender', ...judgedSigner(signer.trust), [tender.facts.signer.subjectCommonName]);
}

/** Anew at every look: authorities and revocation lists change while a bid is being made. @returns null when the package is gone or not what was signed */
async function judgeTender(path: string, trust: TrustQuestion | null, means: SealingMeans): Promise<VerifiedSigner | null> {
  const signers = await nullWhenRejected(() => judgeSigners(path, means, trust));
  return signers?.[0] ?? null;
}

function judgedSigner(verdict: TrustVerdict): [BidCheck['verdict'], string | null] {
  if (verdict.status === 'not-checked') return ['unknown', 'signer-not-checked'];
  if (verdict.status === 'untrusted') return ['blocked', verdict.reason === 'CERT_REVOKED' ? 'signer-revoked' : 'signer-untrusted'];
  if (verdict.revocation.state === 'revoked') return ['blocked', 'signer-revoked'];
  return verdict.revocation.state === 'good' ? ['ok', null] : ['unknown', 'signer-revocation'];
}

function checkOpeningTime(opensAt: Date | null, now: Date): BidCheck {
  if (opensAt === null) return row('opening-time', 'warning', 'not-given');
  return opensAt > now ? row('opening-time', 'ok', null, [opensAt.toISOString()]) : row('opening-time', 'warning', 'passed', [opensAt.toISOString()]);
}

function checkParts(record: ProjectRecord): BidCheck {
  const open = record.parts.filter((part) => part.required && partState(record, part.id) !== 'complete').map(({ title }) => title);
  if (open.length > 0) return row('parts', 'blocked', 'missing', open);
  // A newer package may take less than the one for which they were added.
  const misfits = findMisfits(record);
  if (misfits.length > 0) return row('parts', 'blocked', 'not-taken', misfits.map(({ document }) => nameInBid(record, document)));
  // A form that was begun and is not needed would go along unnoticed as nothing.
  const begun = record.parts.filter((part) => partState(record, part.id) === 'begun').map(({ title }) => title);
  if (begun.length > 0) return row('parts', 'warning', 'begun', begun);
  return record.documents.length === 0 ? row('parts', 'blocked', 'empty') : row('parts', 'ok');
}

async function checkCopies({ store, digestOf }: ReadinessDeps, record: ProjectRecord): Promise<BidCheck> {
  // An earlier version took names that leave no room for the signature's.
  const long = record.documents.map((document) => nameInBid(record, document)).filter((name) => findNameProblem(signatureName(name)) !== null);
  if (long.length > 0) return row('documents', 'blocked', 'name-too-long', long);
  const changed: string[] = [];
  for (const document of record.documents) {
    if ((await digestOf(join(documentsFolder(store, record.id), document.file))) !== document.sha256Hex) changed.push(nameInBid(record, document));
  }
  return changed.length > 0 ? row('documents', 'blocked', 'changed', changed) : row('documents', 'ok');
}

async function checkSignatures({ store, means }: ReadinessDeps, record: ProjectRecord): Promise<BidCheck> {
  const mustBe = new Set(record.parts.filter((part) => part.mustBeSigned).map(({ id }) => id));
  const unsigned = record.documents.filter((document) => mustBe.has(document.partId) && !document.signature);
  if (unsigned.length > 0) return row('signatures', 'blocked', 'unsigned', unsigned.map((document) => nameInBid(record, document)));
  const wrong: string[] = [];
  for (const document of record.documents) {
    if (document.signature && (await verifyDocument(store, record.id, document, means)) !== 'valid') wrong.push(nameInBid(record, document));
  }
  if (wrong.length > 0) return row('signatures', 'blocked', 'invalid', wrong);
  const signers = new Set(record.documents.flatMap(({ signature }) => (signature ? [certificateFacts(fromBase64(signature.signerDer)).subjectCommonName] : [])));
  return row('signatures', 'ok', signers.size === 0 ? 'none-needed' : null, [...signers]);
}

function checkSigningKey(token: TokenSummary | null, now: Date, opensAt: Date | null): BidCheck {
  if (token === null) return row('signing-key', 'unknown', 'not-chosen');
  const signing = token.certificates.filter(({ purpose }) => purpose !== 'encrypt');
  const live = signing.filter((one) => new Date(one.notBeforeUtc) <= now && now < new Date(one.notAfterUtc));
  if (live.length === 0) return row('signing-key', 'blocked', signing.length === 0 ? 'no-certificate' : 'expired', signing.map(({ subjectCommonName }) => subjectCommonName));
  const names = [...new Set(live.map(({ subjectCommonName }) => subjectCommonName))];
  const past = opensAt === null || live.some((one) => new Date(one.notAfterUtc) > opensAt);
  return past ? row('signing-key', 'ok', null, names) : row('signing-key', 'warning', 'expires-before-opening', names);
}

function checkOpenerGroups(record: ProjectRecord, findings: readonly OpenerFinding[], shut: readonly ShutOpener[]): BidCheck[] {
  // What a package puts there is not the bidder's.
  const own = openersOfGroup(record.openers, BIDDER_GROUP).filter(({ source }) => source !== 'tender');
  const missing = [...new Set([BIDDER_GROUP, ...(record.tender?.facts.groups.map(({ name }) => name) ?? [])])].filter((group) => (group === BIDDER_GROUP ? own : openersOfGroup(record.openers, group)).length === 0);
  const names = (openers: readonly { certificateDer: string }[]) => openers.map(({ certificateDer }) => certificateFacts(fromBase64(certificateDer)).subjectCommonName);
  const apart = apartFromTender(record);
  const problems = findings.filter(({ refusal }) => refusal !== null);
  const openers = missing.length > 0 ? row('openers', 'blocked', 'group-missing', missing)
    : apart.length > 0 ? row('openers', 'blocked', 'not-of-tender', names(apart))
    : shut.length > 0 ? row('openers', 'blocked', 'rsa-over-skf', names(shut))
    : problems.length > 0 ? row('openers', 'blocked', 'refused', problems.map(({ label, refusal }) => `${label}: ${refusal ?? ''}`))
    : row('openers', 'ok', null, names(record.openers));
  const untested = record.openers.filter(({ group, testedAtUtc }) => group === BIDDER_GROUP && testedAtUtc === null);
  return [
    openers, checkRevocation(findings),
    own.length > 0 && untested.length === own.length ? row('openers-tested', 'warning', 'none-tested', names(untested)) : untested.length > 0 ? row('openers-tested', 'warning', 'some-untested', names(untested)) : row('openers-tested', own.length === 0 ? 'unknown' : 'ok'),
    own.length === 1 ? row('several-openers', 'warning', 'single', names(own)) : row('several-openers', own.length === 0 ? 'unknown' : 'ok', null, [String(own.length)]),
  ];
}

/** Known to be good, with the time of the oldest list; what is not known is told by name. A revoked one is refused above. */
function checkRevocation(findings: readonly OpenerFinding[]): BidCheck {
  const unknown = findings.filter(({ revocation }) => revocation === 'unknown').map(({ label }) => label);
  if (findings.length === 0 || unknown.length > 0) return row('revocation', 'unknown', 'not-known', [...new Set(unknown)]);
  const oldest = findings.map(({ revocationAt }) => revocationAt?.toISOString() ?? '').sort()[0] ?? '';
  return findings.some(({ revocation }) => revocation === 'revoked') ? row('revocation', 'blocked', 'revoked', findings.filter(({ revocation }) => revocation === 'revoked').map(({ label }) => label)) : row('revocation', 'ok', null, [oldest]);
}

/** Tags, tree and signatures are a small part; a tenth is more than enough. */
const OVERHEAD = 1.1;
const SPARE_BYTES = 32 << 20;

async function checkDisk(record: ProjectRecord, { outFolder, backup }: ReadinessQuestion): Promise<BidCheck> {
  const needed = record.documents.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) * OVERHEAD * (backup ? 2 : 1) + SPARE_BYTES;
  const free = await freeBytesAt(outFolder);
  if (free === null) return row('disk-space', 'unknown', 'not-told', [outFolder]);
  return free < needed ? row('disk-space', 'blocked', 'full', [outFolder]) : row('disk-space', 'ok', null, [outFolder]);
}
