/** The bid tool: puts its parts together and lists its calls. Knows the token port, the sealing, the ledger; no shell, no CA service: it works offline. */
import { join } from 'node:path';
import { homedir } from 'node:os';
import { stat } from 'node:fs/promises';
import type { BidWork } from '#shared/contract/desktop/bids.ts';
import type { DesktopEvent, DesktopInput, DesktopMethod, DesktopOutput } from '#shared/contract/desktop/desktop-contract.ts';
import type { bidCalls } from '#shared/contract/desktop/bids.ts';
import type { fileCalls } from '#shared/contract/desktop/bid-files.ts';
import type { openingCalls } from '#shared/contract/desktop/openings.ts';
import type { authorityCalls } from '#shared/contract/desktop/authorities.ts';
import type { rewrapCalls } from '#shared/contract/desktop/rewraps.ts';
import type { tenderUpdateCalls } from '#shared/contract/desktop/tender-updates.ts';
import type { tenderCalls } from '#shared/contract/desktop/tenders.ts';
import { fromBase64, toBase64 } from '#shared/bytes/base64.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { extractDocument } from '../sealing/extract-document.ts';
import type { Log } from '../report/log.ts';
import { fetchBytes } from '../sealing/fetch-bytes.ts';
import type { SealingMeans } from '../sealing/sealing-means.ts';
import { chooseSigner } from '../sealing/token-keys.ts';
import { verifyBid } from '../sealing/verify-bid.ts';
import type { HostSpawner } from '../token/host-spawner.ts';
import type { TokenPort } from '../token/token-port.ts';
import { openAuthorities } from './authorities.ts';
import type { BidLedger } from './bid-ledger.ts';
import { certificateFacts, readCertificateFile } from './certificate-facts.ts';
import { listFolder, makeFolder } from './files/browse-folders.ts';
import { openUploads } from './files/uploads.ts';
import { inspectSealed } from './inspect-sealed.ts';
import { openKnownCertificates } from './known-certificates.ts';
import { openKey, withKey, type KeyInput, type OpenKey } from './log-in-key.ts';
import { answerChallengeFile, inspectChallenge } from './openings/answer-challenge.ts';
import { OpeningRecord } from './openings/opening-record.ts';
import { createOpenings } from './openings/openings.ts';
import { createPdfChecks, forkPdfReaderSpawner } from './pdf/pdf-checks.ts';
import { certificatesToFollow, checkReadiness } from './projects/check-readiness.ts';
import { createCopyDigests } from './projects/copy-document.ts';
import { createOpeners } from './projects/openers.ts';
import { ProjectRecord } from './projects/project-record.ts';
import { createProjects, readPiece, requireOpen } from './projects/projects.ts';
import { createReadTender } from './projects/read-tender.ts';
import { remakeForms, saveForm } from './projects/save-form.ts';
import { sealProject } from './projects/seal-project.ts';
import { findShutOpeners, type ShutOpener } from './projects/shut-openers.ts';
import { signDocuments } from './projects/sign-documents.ts';
import { createTenderUpdates, tenderDocumentFile } from './projects/take-tender.ts';
import { openRecordStore } from './record-store.ts';
import { createRehearsals } from './rehearsals.ts';
import { createRewraps } from './rewraps.ts';
import { createTenderDrafts, TenderRecord } from './tenders/tender-drafts.ts';
import { createTrustedAuthorities } from './trusted-authorities.ts';
import { createWorkDesk, type WorkResult } from './work-desk.ts';
import type { WorkOptions } from '../sealing/sealing-means.ts';

export interface BidToolDeps {
  /** `<data>/bids` */
  readonly folder: string;
  /** The Chinese font for pages that are written (pages/write-pdf.ts). */
  readonly font: string;
  /** How the process is started that reads PDFs; by default as a child of Node. */
  readonly pdfReaderSpawner?: HostSpawner;
  readonly tokens: TokenPort;
  readonly means: SealingMeans;
  readonly ledger: BidLedger;
  /** The CA service of the settings, whose authorities are trusted; null when none is set. */
  readonly caBaseUrl: () => string | null;
  readonly monotonicMs: () => number;
  readonly log: Pick<Log, 'warn'>;
  readonly emit: (event: DesktopEvent) => void;
}

type BidMethod = Extract<DesktopMethod, keyof typeof bidCalls | keyof typeof rewrapCalls | keyof typeof authorityCalls | keyof typeof fileCalls | keyof typeof openingCalls | keyof typeof tenderCalls | keyof typeof tenderUpdateCalls>;
export type BidHandlers = { readonly [M in BidMethod]: (input: DesktopInput<M>) => Promise<DesktopOutput<M>> | DesktopOutput<M> };

export interface BidTool {
  readonly handlers: BidHandlers;
  close(): Promise<void>;
}

export function createBidTool(deps: BidToolDeps): BidTool {
  const { tokens, means, ledger, log } = deps;
  const now = means.clock;
  const store = <R extends { id: string; createdAtUtc: string; updatedAtUtc: string; revision: number }>(name: string, fileName: string, schema: Parameters<typeof openRecordStore>[0]['schema']) =>
    openRecordStore<R>({ folder: join(deps.folder, name), fileName, schema, now, onDamaged: (id) => log.warn('bids.damaged', { kind: name, id }) });
  const projectStore = store<ProjectRecord>('projects', 'project.json', ProjectRecord);
  const uploads = openUploads(join(deps.folder, 'uploads'));
  const known = openKnownCertificates(deps.folder, now);
  const authorities = openAuthorities({ folder: join(deps.folder, 'authorities'), caBaseUrl: deps.caBaseUrl, fetch: fetchBytes, means, monotonicMs: deps.monotonicMs, onFailure: (thrown) => log.warn('bids.authorities', { reason: thrown instanceof Error ? thrown.message : 'unknown' }) });
  const readiness = { store: projectStore, means, digestOf: createCopyDigests(), trust: authorities.trust, unreadableAuthorities: authorities.unreadable, shutOpeners: (openers: readonly ShutOpener[]) => findShutOpeners({ tokens, known }, openers) };
  const work = createWorkDesk({ now, monotonicMs: deps.monotonicMs, onChange: (one) => deps.emit({ name: 'work.changed', data: one }), onFailure: (one, thrown) => log.warn('bids.work', { kind: one.kind, reason: thrown instanceof Error ? thrown.message : 'unknown' }) });
  const readTender = createReadTender(means, authorities.trust);
  const pdfs = createPdfChecks({ spawner: deps.pdfReaderSpawner ?? forkPdfReaderSpawner() });
  const projects = createProjects({ store: projectStore, uploads, readTender, pdfs, now });
  const tenderUpdates = createTenderUpdates({ store: projectStore, uploads, readTender, means, ledger, isWorking: work.isRunning });
  const forms = { store: projectStore, font: deps.font, checkPdf: pdfs.check, now };
  const openers = createOpeners({ store: projectStore, tokens, known, means });
  const rehearsals = createRehearsals({ folder: join(deps.folder, 'rehearsals'), tokens, means, ledger });
  const rewraps = createRewraps({ tokens, means, known, authorities, ledger, work, projects: projectStore });
  const trusted = createTrustedAuthorities({ folder: join(deps.folder, 'authorities'), authorities, uploads, crypto: means.crypto, caBaseUrl: deps.caBaseUrl });
  const openings = createOpenings({
    store: store<OpeningRecord>('openings', 'opening.json', OpeningRecord), tokens, means, ledger, font: deps.font, monotonicMs: deps.monotonicMs,
    onChange: (opening) => deps.emit({ name: 'opening.changed', data: opening }), onFailure: (id, thrown) => log.warn('bids.opening', { id, reason: thrown instanceof Error ? thrown.message : 'unknown' }),
  });
  const tenders = createTenderDrafts({ store: store<TenderRecord>('tenders', 'tender.json', TenderRecord), uploads, tokens, known, means, pdfs });

  /** The PIN is checked before the call answers; the key stays logged in until the work ends. */
  async function withKeyAtWork(kind: BidWork['kind'], projectId: string | null, key: string, input: KeyInput, deed: (opened: OpenKey, options: WorkOptions) => Promise<WorkResult>): Promise<BidWork> {
    if (work.isRunning(key)) refuse('BID_WORK_RUNNING');
    const opened = await openKey(tokens, input);
    try {
      return work.begin(kind, { projectId, key }, async (options) => {
        try {
          return await deed(opened, options);
        } finally {
          await opened.close();
        }
      });
    } catch (thrown) {
      // Other work has begun while the key was being opened.
      await opened.close();
      throw thrown;
    }
  }

  async function seal(input: DesktopInput<'bids.seal'>): Promise<BidWork> {
    const record = requireOpen(await projectStore.get(input.projectId));
    const checks = await checkReadiness(readiness, record, { outFolder: input.outFolder, token: await tokens.get(input.token), backup: input.backup });
    const blocked = checks.filter(({ verdict }) => verdict === 'blocked').map(({ id }) => id);
    if (blocked.length > 0) refuse('BID_NOT_READY', { checks: blocked });
    return withKeyAtWork('seal', record.id, record.id, input, async ({ keys }, options) => ({
      output: await sealProject({ store: projectStore, means, ledger, trust: authorities.trust }, record.id, { outFolder: input.outFolder, backup: input.backup, ticket: input.ticket ?? true, signer: chooseSigner(keys, now()), revision: record.revision }, options),
    }));
  }

  /** A document of the tender package, taken out of it once and kept beside it. */
  async function readTenderDocument({ projectId, name, offset, length }: DesktopInput<'bids.readTenderDocument'>): Promise<DesktopOutput<'bids.readTenderDocument'>> {
    const record = await projectStore.get(projectId);
    const tender = record.tender ?? refuse('SEAL_DOCUMENT_UNKNOWN', { name });
    const index = tender.facts.documents.findIndex((one) => one.name === name);
    if (index < 0) refuse('SEAL_DOCUMENT_UNKNOWN', { name });
    const folder = projectStore.folderOf(projectId);
    // By its package: a newer one may have another document in that place.
    const path = join(folder, tenderDocumentFile(tender.facts.sealIdHex, index));
    const there = await stat(path).then(() => true, () => false);
    if (!there) await extractDocument(join(folder, tender.file), { recipients: [] }, name, path, means);
    return { bytes: toBase64(await readPiece(path, offset, length)), sizeBytes: (await stat(path)).size };
  }

  const handlers: BidHandlers = {
    'files.list': ({ path, endings }) => listFolder(path, endings),
    'files.makeFolder': ({ parent, name }) => makeFolder(parent, name),
    'files.beginUpload': ({ name, sizeBytes }) => uploads.begin(name, sizeBytes),
    'files.appendUpload': async ({ uploadId, offset, bytes }) => {
      await uploads.append(uploadId, offset, fromBase64(bytes));
      return null;
    },
    'files.discardUpload': async ({ uploadId }) => {
      await uploads.discard(uploadId);
      return null;
    },
    'bids.list': projects.list,
    'bids.inspectTender': projects.inspectTender,
    'bids.create': projects.create,
    'bids.compareTender': tenderUpdates.compare,
    'bids.takeTender': async (input) => remakeForms(forms, await tenderUpdates.take(input)),
    'bids.takeBack': tenderUpdates.takeBack,
    'bids.forgetValues': ({ projectId }) => tenderUpdates.forgetValues(projectId),
    'bids.get': ({ projectId }) => projects.get(projectId),
    'bids.update': async (input) => remakeForms(forms, await projects.update(input)),
    'bids.copy': projects.copy,
    'bids.setArchived': ({ projectId, archived }) => projects.setArchived(projectId, archived),
    'bids.remove': ({ projectId }) => projects.remove(projectId),
    'bids.addDocument': projects.addDocument,
    'bids.replaceDocument': projects.replaceDocument,
    'bids.renameDocument': projects.renameDocument,
    'bids.removeDocument': projects.removeDocument,
    'bids.moveDocument': projects.moveDocument,
    'bids.readDocument': projects.readDocument,
    'bids.readTenderDocument': readTenderDocument,
    'bids.saveForm': (input) => saveForm(forms, input),
    'bids.sign': (input) => withKeyAtWork('sign', input.projectId, input.projectId, input, async ({ keys }, options) => {
      await signDocuments(projectStore, input.projectId, input.documentIds, chooseSigner(keys, now()), means, options);
      return {};
    }),
    'bids.openerCandidates': ({ projectId }) => openers.candidates(projectId),
    'bids.readCertificate': ({ source }) => uploads.take(source, async ({ path }) => {
      const der = await readCertificateFile(path);
      return { certificateDer: toBase64(der), facts: certificateFacts(der) };
    }),
    'bids.setOpeners': openers.set,
    'bids.testKey': (input) => withKey(tokens, input, ({ token, keys }) => openers.test(input.projectId, token.ref.serial, keys)),
    'bids.check': async ({ projectId, outFolder, token }) => {
      const record = await projectStore.get(projectId);
      authorities.refresh(await certificatesToFollow(readiness, record));
      return checkReadiness(readiness, record, { outFolder, token: token === null ? null : await tokens.get(token), backup: true });
    },
    'bids.seal': seal,
    'bids.suggestFolder': async ({ projectId }) => ({ path: await suggestFolder((await projectStore.get(projectId)).outputs[0]?.path ?? null) }),
    'work.get': ({ workId }) => work.get(workId),
    'work.list': work.list,
    'work.cancel': ({ workId }) => work.cancel(workId),
    'sealed.inspect': ({ path }) => inspectSealed(path, tokens, means),
    'sealed.verify': async ({ path }) => work.begin('verify', { projectId: null, key: `verify ${path}` }, async (options) => {
      await verifyBid(path, means, options);
      return { madePath: path };
    }),
    'sealed.rehearse': rehearsals.rehearse,
    'sealed.rehearsals': rehearsals.list,
    'rewraps.prepare': ({ path }) => rewraps.prepare(path),
    'rewraps.checkOpeners': rewraps.checkOpeners,
    'rewraps.begin': rewraps.begin,
    'authorities.list': trusted.list,
    'authorities.inspect': trusted.inspect,
    'authorities.add': trusted.add,
    'authorities.remove': trusted.remove,
    'openings.list': openings.list,
    'openings.create': openings.create,
    'openings.get': ({ openingId }) => openings.get(openingId),
    'openings.rescan': ({ openingId }) => openings.rescan(openingId),
    'openings.useKey': openings.useKey,
    'openings.inspectKey': openings.inspectKey,
    'openings.stop': ({ openingId }) => openings.stop(openingId),
    'openings.makeChallenges': openings.makeChallenges,
    'openings.addAnswers': openings.addAnswers,
    'openings.finish': openings.finish,
    'openings.remove': ({ openingId }) => openings.remove(openingId),
    'shares.inspect': (input) => inspectChallenge(input, tokens, authorities, means),
    'shares.answer': (input) => answerChallengeFile(input, tokens, authorities, means),
    'tenders.list': tenders.list,
    'tenders.create': tenders.create,
    'tenders.get': ({ draftId }) => tenders.get(draftId),
    'tenders.update': tenders.update,
    'tenders.addDocument': tenders.addDocument,
    'tenders.removeDocument': tenders.removeDocument,
    'tenders.make': (input) => withKeyAtWork('tender', input.draftId, input.draftId, input, ({ keys }, options) => tenders.make(input.draftId, input.outPath, chooseSigner(keys, now()), options)),
    'tenders.remove': ({ draftId }) => tenders.remove(draftId),
    'tenders.openerCandidates': ({ draftId }) => tenders.candidates(draftId),
  };

  return {
    handlers,
    async close() {
      pdfs.close();
      await work.close();
      await openings.close();
      await authorities.settled();
    },
  };
}

/** Where the last one went, else a folder of ours among the person's documents. */
async function suggestFolder(lastPath: string | null): Promise<string> {
  if (lastPath !== null) return join(lastPath, '..');
  for (const name of ['Documents', '文档']) {
    const path = join(homedir(), name);
    if (await stat(path).then((state) => state.isDirectory(), () => false)) return join(path, 'BidKey');
  }
  return join(homedir(), 'BidKey');
}
