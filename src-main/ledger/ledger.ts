/**
 * The ledger as the desktop contract offers it, and as deeds ask it; entry of this folder. Rule: a deed that would lose a bid is carried out only with
 * an answer to an assessment that names every bid that is lost now, confirmed by typing.
 */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { LedgerAnswer, LedgerAssessment, LedgerDeed, LedgerDocument, LedgerReminder, SealedBidRecord } from '#shared/contract/desktop/ledger.ts';
import type { DesktopInput, DesktopOutput } from '#shared/contract/desktop/desktop-contract.ts';
import type { TokenCertificate, TokenList, TokenRef, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { toHex } from '#shared/bytes/hex.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { isTypedAs } from '#shared/forms/as-typed.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { assessBids, type Escrow } from './assess-bids.ts';
import { generationsOf } from '#shared/ledger/bid-generations.ts';
import { readLedgerFile, readLedgerText, recordOfFile, type InspectSealedFile } from './import-bids.ts';
import { inStoreForm, joinBids } from './join-bids.ts';
import type { KnownCertificate, LedgerStore } from './ledger-store.ts';
import { remindersOf } from './reminders.ts';
import { overTheSameKeys } from './same-key-certificates.ts';

export type SeenCertificate = Pick<TokenCertificate, 'sha256Hex' | 'purpose' | 'serialHex' | 'notAfterUtc' | 'subjectCommonName' | 'certificateDer'>;

export interface LedgerPorts {
  readonly store: LedgerStore;
  readonly crypto: CryptoPort;
  readonly now: () => Date;
  readonly inspect: InspectSealedFile;
  /** A plugged key. @throws TOKEN_NOT_PRESENT */
  readonly token: (ref: TokenRef) => Promise<TokenSummary>;
  /** Whether a further pair fits on a plugged key; null when nobody knows. */
  readonly roomForPair: (token: TokenSummary) => Promise<boolean | null>;
  /** What the CA says of the encryption keys of these certificates; those that it cannot be asked about are left out. */
  readonly escrow: (certificates: readonly KnownCertificate[]) => Promise<ReadonlyMap<string, Escrow>>;
  /** Certificates that the CA has issued to a key which is not plugged in; empty when it cannot be asked. */
  readonly certificatesOfKey: (tokenSerial: string) => Promise<readonly SeenCertificate[]>;
  readonly onChanged: () => void;
}

/** A deed that may be carried out. Its answer is spent by the deed itself: a wrong PIN or code leaves the confirmation as it was typed. */
export interface LedgerPass {
  /** Right before the deed. @throws LEDGER_ANSWER_STALE when another deed has spent the answer in the meantime */
  spend(): void;
  /** The deed was refused after all. */
  giveBack(): void;
  /** Seal ids of the bids that the person gives up with this answer; empty when nothing is lost. */
  readonly agreedToLose: readonly string[];
}

/** What deeds ask before they begin. */
export interface LedgerGate {
  /**
   * @param agreedBefore seal ids that this very deed was allowed to lose when it began: they are not asked for again
   * @throws LEDGER_WOULD_LOSE, LEDGER_ANSWER_STALE, LEDGER_CONFIRMATION_WRONG
   */
  pass(question: DesktopInput<'ledger.assess'>, answer: LedgerAnswer | null, agreedBefore?: readonly string[]): Promise<LedgerPass>;
}

export interface Ledger extends LedgerGate {
  readonly store: LedgerStore;
  list(input: DesktopInput<'ledger.list'>): DesktopOutput<'ledger.list'>;
  get(sealId: string): SealedBidRecord;
  take(input: DesktopInput<'ledger.import'>): Promise<DesktopOutput<'ledger.import'>>;
  export(): DesktopOutput<'ledger.export'>;
  setState(input: DesktopInput<'ledger.setState'>): SealedBidRecord;
  /** @throws LEDGER_BID_UNKNOWN */
  addUpload(input: DesktopInput<'ledger.addUpload'>): SealedBidRecord;
  remove(sealId: string): null;
  /** The bid was opened here. Before its time that is only noted: the opening is still to come. Unknown ones are left alone: an opening hall opens other people's. */
  noteOpened(sealId: string): void;
  /** Takes a sealed file in whose generation is not known yet. @throws SEAL_* */
  takeIfNew(path: string): Promise<void>;
  /** A newer package of their tender was taken over: sealed bids that are still to be opened answer the older one. Unknown ones are left alone. */
  noteTenderReplaced(sealIds: readonly string[]): void;
  assess(question: DesktopInput<'ledger.assess'>): Promise<LedgerAssessment>;
  reminders(): LedgerReminder[];
  /** Notes the certificates of plugged keys. */
  notePlugged(list: TokenList): void;
  close(): void;
}

/** No answer was needed. */
export const FREE_PASS: LedgerPass = { spend: () => undefined, giveBack: () => undefined, agreedToLose: [] };

const ASSESSMENT_LIVES_MS = 30 * 60_000;
const MAX_ASSESSMENTS = 100;
/** A key that stays plugged is noted again after this. */
const NOTE_AGAIN_MS = 3_600_000;
const DEFAULT_PAGE = 50;

export function createLedger(ports: LedgerPorts): Ledger {
  const { store, now } = ports;
  const assessments = new Map<string, LedgerAssessment>();
  const noted = new Map<string, { readonly what: string; readonly atMs: number }>();
  const contentsOf = (token: TokenSummary) => token.certificates.map(({ sha256Hex }) => sha256Hex).sort().join();
  const isDue = (token: TokenSummary) => {
    const last = noted.get(token.ref.serial);
    return last === undefined || last.what !== contentsOf(token) || now().getTime() - last.atMs > NOTE_AGAIN_MS;
  };
  const must = (sealId: string) => store.get(sealId) ?? refuse('LEDGER_BID_UNKNOWN', { sealId });

  async function assess(question: DesktopInput<'ledger.assess'>): Promise<LedgerAssessment> {
    const token = question.token === undefined ? null : await ports.token(question.token);
    const tokenSerial = token?.ref.serial ?? question.tokenSerial ?? null;
    const bids = store.toOpen();
    const seen = bids.length === 0 ? [] : await ownCertificates(token, tokenSerial, question.certificateSha256 ?? []);
    const [roomForPair, escrow] = seen.length === 0 ? [null, new Map<string, Escrow>()] as const : await Promise.all([question.newPairOnKey === true ? true : token ? ports.roomForPair(token) : null, ports.escrow(seen.filter(({ purpose }) => purpose !== 'sign'))]);
    // A key that is not here and was never seen here may hold anything.
    const own = token === null && seen.length === 0 ? null : seen;
    const at = now();
    const assessed = assessBids(bids, { deed: question.deed, keyPolicy: question.keyPolicy ?? 'new-keys', removesContents: question.removesContents ?? false, roomForPair, own, known: store.knownCertificates(), escrow, now: at });
    const lost = assessed.filter((bid) => bid.lost);
    return {
      assessmentId: randomUUID(), deed: question.deed, tokenSerial, bids: assessed,
      verdict: assessed.length === 0 ? 'safe' : lost.length === 0 ? 'kept' : 'would-lose', confirmationText: lost[0]?.tenderName ?? null,
      assessedAtUtc: at.toISOString(), expiresAtUtc: new Date(at.getTime() + ASSESSMENT_LIVES_MS).toISOString(),
    };
  }

  /** On the key now, or when it was last here; for a key that is not here what the CA issued to it, too; and those that are named. */
  async function ownCertificates(token: TokenSummary | null, tokenSerial: string | null, named: readonly string[]): Promise<KnownCertificate[]> {
    const own = new Map<string, KnownCertificate>();
    const add = (one: KnownCertificate) => own.set(one.sha256Hex, one);
    // A key that is here shows what is on it; what was there before is not any more. One that shows nothing – some do before the login – may hold all of it.
    const shown = (token?.certificates.length ?? 0) > 0;
    for (const one of store.knownCertificates()) if ((!shown && one.tokenSerial === tokenSerial) || named.includes(one.sha256Hex)) add(one);
    if (!shown && tokenSerial !== null) for (const one of await ports.certificatesOfKey(tokenSerial)) add(known(one, tokenSerial));
    for (const one of token?.certificates ?? []) add(known(one, token?.ref.serial ?? ''));
    for (const one of earlierOverTheSameKeys([...own.keys()], token)) add(one);
    return [...own.values()];
  }

  /** What a renewal with the same keys has replaced: the keys are those of this key still. */
  function earlierOverTheSameKeys(ownSha256: readonly string[], token: TokenSummary | null): KnownCertificate[] {
    const seen = store.seenCertificates();
    const sha256Of = (der: Uint8Array) => toHex(ports.crypto.digest('sha-256', der));
    const own = [...seen.filter((der) => ownSha256.includes(sha256Of(der))), ...(token?.certificates ?? []).filter(({ purpose }) => purpose !== 'sign').map((one) => fromBase64(one.certificateDer))];
    return overTheSameKeys(own, seen).map((der) => ({
      sha256Hex: sha256Of(der), sm3Hex: toHex(ports.crypto.digest('sm3', der)), tokenSerial: token?.ref.serial ?? '', purpose: 'encrypt', label: '', serialHex: parseCertificate(der).serialHex,
      notAfterUtc: parseCertificate(der).notAfter.date.toISOString(), lastSeenUtc: now().toISOString(),
    }));
  }

  function known(certificate: SeenCertificate, tokenSerial: string): KnownCertificate {
    const { sha256Hex, purpose, serialHex, notAfterUtc, subjectCommonName } = certificate;
    const sm3Hex = toHex(ports.crypto.digest('sm3', fromBase64(certificate.certificateDer)));
    return { sha256Hex, sm3Hex, tokenSerial, purpose, label: subjectCommonName, serialHex, notAfterUtc, lastSeenUtc: now().toISOString() };
  }

  function remember(assessment: LedgerAssessment): LedgerAssessment {
    for (const [id, one] of assessments) if (assessments.size >= MAX_ASSESSMENTS || Date.parse(one.expiresAtUtc) <= now().getTime()) assessments.delete(id);
    assessments.set(assessment.assessmentId, assessment);
    return assessment;
  }

  function save(bids: readonly SealedBidRecord[]): DesktopOutput<'ledger.import'> {
    const added: string[] = [];
    const changed: string[] = [];
    const unchanged: string[] = [];
    const joined = bids.map(inStoreForm).flatMap((bid) => {
      const before = store.get(bid.sealId);
      const next = before ? joinBids(before, bid) : bid;
      const same = before !== null && isDeepStrictEqual(before, next);
      (before === null ? added : same ? unchanged : changed).push(bid.sealId);
      return same ? [] : [next];
    });
    store.putAll(joined);
    if (joined.length > 0) ports.onChanged();
    return { added, changed, unchanged };
  }

  const changedTo = (bid: SealedBidRecord) => {
    ports.onChanged();
    return bid;
  };

  return {
    store,
    list: ({ state, limit, after }) => store.page({ limit: limit ?? DEFAULT_PAGE, ...(state === undefined ? {} : { state }), ...(after === undefined ? {} : { after }) }),
    get: must,
    async take({ source }) {
      if (source.kind === 'file') return save([await recordOfFile(source, ports.inspect, now())]);
      return save((source.kind === 'json' ? readLedgerText(source.text) : await readLedgerFile(source.path)).bids);
    },
    export() {
      const document: LedgerDocument = { format: 'bidkey-ledger', version: 1, exportedAtUtc: now().toISOString(), bids: allBids(store) };
      return { fileName: `bidkey-ledger-${document.exportedAtUtc.slice(0, 10)}.json`, text: `${JSON.stringify(document, null, 2)}\n` };
    },
    setState: ({ sealId, state }) => changedTo(store.setState(sealId, state)),
    addUpload({ sealId, platform, receipt, headerHex }) {
      const generations = generationsOf(must(sealId));
      if (typeof headerHex === 'string' && !generations.some((one) => one.headerHex === headerHex)) refuse('LEDGER_GENERATION_UNKNOWN', { sealId });
      const said = headerHex === undefined && generations.length === 1 ? generations[0]?.headerHex : headerHex;
      return changedTo(store.addUpload(sealId, { atUtc: now().toISOString(), platform, receipt, ...(said ? { headerHex: said } : {}) }));
    },
    remove(sealId) {
      if (must(sealId).state === 'to-open') refuse('LEDGER_BID_STATE', { sealId });
      store.remove(sealId);
      ports.onChanged();
      return null;
    },
    noteOpened(sealId) {
      const bid = store.get(sealId);
      if (bid?.state !== 'to-open') return;
      const reached = bid.openingTimeUtc !== null && Date.parse(bid.openingTimeUtc) <= now().getTime();
      changedTo(reached ? store.setState(sealId, 'opened') : store.put({ ...bid, openedEarlyAtUtc: now().toISOString() }));
    },
    async takeIfNew(path) {
      const { sealIdHex, headerDigestHex } = await ports.inspect(path);
      const known = store.get(sealIdHex);
      if (known === null || !generationsOf(known).some(({ headerHex }) => headerHex === headerDigestHex)) save([await recordOfFile({ path }, ports.inspect, now())]);
    },
    noteTenderReplaced(sealIds) {
      const marked = sealIds.flatMap((sealId) => store.get(sealId) ?? []).filter((bid) => bid.state === 'to-open' && bid.tenderReplacedAtUtc === undefined);
      if (marked.length === 0) return;
      store.putAll(marked.map((bid) => ({ ...bid, tenderReplacedAtUtc: now().toISOString() })));
      ports.onChanged();
    },
    assess: async (question) => remember(await assess(question)),
    async pass(question, answer, agreedBefore = []) {
      const present = await assess(question);
      const lost = present.bids.filter((bid) => bid.lost && !agreedBefore.includes(bid.sealId));
      if (lost.length === 0) return FREE_PASS;
      if (answer === null) throw new AppError('LEDGER_WOULD_LOSE', { bids: lost.map(({ tenderName }) => tenderName), confirmationText: present.confirmationText });
      return checkAnswer(answer, present, lost.map(({ sealId }) => sealId), question.deed);
    },
    reminders: () => remindersOf(store.toOpen(), now()),
    notePlugged(list) {
      for (const token of list.tokens) {
        // A driver that cannot read the key just now shows none; that is no news of what is on it.
        if (token.certificates.length === 0 || !isDue(token)) continue;
        const { serial } = token.ref;
        store.noteKey(serial, token.certificates.map((one) => known(one, serial)));
        store.keepCertificates(token.certificates.filter(({ purpose }) => purpose !== 'sign').map((one) => ({ sha256Hex: one.sha256Hex, certificateDer: fromBase64(one.certificateDer), seenUtc: now().toISOString() })));
        noted.set(serial, { what: contentsOf(token), atMs: now().getTime() });
      }
    },
    close: () => store.close(),
  };

  /** An answer serves once, for the deed and key that were assessed, and only when it names everything that is lost now. */
  function checkAnswer(answer: LedgerAnswer, present: LedgerAssessment, lostNow: readonly string[], deed: LedgerDeed): LedgerPass {
    const answered = assessments.get(answer.assessmentId);
    const live = answered !== undefined && Date.parse(answered.expiresAtUtc) > now().getTime() && answered.deed === deed && answered.tokenSerial === present.tokenSerial;
    const lostThen = new Set(answered?.bids.filter((bid) => bid.lost).map(({ sealId }) => sealId));
    const stale = () => new AppError('LEDGER_ANSWER_STALE', { bids: present.bids.filter((bid) => bid.lost).map(({ tenderName }) => tenderName) });
    if (!live || lostNow.some((sealId) => !lostThen.has(sealId))) throw stale();
    if (!isTypedAs(answer.typedConfirmation, answered.confirmationText ?? '')) throw new AppError('LEDGER_CONFIRMATION_WRONG', { confirmationText: answered.confirmationText });
    return {
      spend() {
        if (!assessments.delete(answer.assessmentId)) throw stale();
      },
      giveBack: () => void assessments.set(answered.assessmentId, answered),
      agreedToLose: lostNow,
    };
  }
}

function allBids(store: LedgerStore): SealedBidRecord[] {
  const bids: SealedBidRecord[] = [];
  for (let after: string | undefined; ; ) {
    const page = store.page({ limit: 200, ...(after === undefined ? {} : { after }) });
    bids.push(...page.items);
    if (page.next === null) return bids;
    after = page.next;
  }
}
