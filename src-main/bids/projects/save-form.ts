/** Keeps what was filled into a form; once it is complete, it becomes two documents of its part: a page for people and the values for programs. */
import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BidPart, BidProject } from '#shared/contract/desktop/bids.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { toUtf8 } from '#shared/bytes/utf8.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { writePdf } from '../pages/write-pdf.ts';
import type { CheckPdf } from '../pdf/pdf-checks.ts';
import { newId, type RecordStore } from '../record-store.ts';
import { writeWhole } from '../whole-file.ts';
import { formProblems, moneyInWords } from '#shared/forms/form-problems.ts';
import type { DocumentRecord, ProjectRecord } from './project-record.ts';
import { plainPart, viewProject } from './project-view.ts';
import { documentsFolder, findPart, newDocument, requireOpen } from './projects.ts';

export interface FormDeps {
  readonly store: RecordStore<ProjectRecord>;
  readonly font: string;
  readonly checkPdf: CheckPdf;
  readonly now: () => Date;
}

/**
 * Values are kept as they are, complete or not; signatures of what was made from older values go.
 * @throws BID_CHARACTER when the page would not show all that was typed: the values are kept all the same, and the part stays begun
 */
export async function saveForm(deps: FormDeps, { projectId, partId, values }: DesktopInput<'bids.saveForm'>): Promise<BidProject> {
  const { store, now } = deps;
  const dropped: string[] = [];
  const troubles: AppError[] = [];
  const record = await store.change(projectId, async (before) => {
    const part = findPart(requireOpen(before), partId);
    if (part.kind !== 'form') refuse('BID_PART_FORM');
    const trimmed = Object.fromEntries(Object.entries(values).map(([id, value]) => [id, value.trim()]));
    const same = JSON.stringify(before.forms[partId]) === JSON.stringify(trimmed);
    const own = before.documents.filter((one) => one.partId === partId);
    if (same && own.length > 0) return before;
    dropped.push(...own.map(({ file }) => file));
    const made = formProblems(part.fields, trimmed).some(({ problem }) => problem) ? [] : await makeDocuments(deps, before, part, trimmed, now()).catch((thrown: unknown) => noPage(thrown, troubles));
    return { ...before, forms: { ...before.forms, [partId]: trimmed }, documents: [...before.documents.filter((one) => one.partId !== partId), ...made] };
  });
  for (const file of dropped) await rm(join(documentsFolder(store, projectId), file), { force: true });
  for (const trouble of troubles) throw trouble;
  return viewProject(record);
}

function noPage(thrown: unknown, troubles: AppError[]): DocumentRecord[] {
  if (!isUnwritable(thrown)) throw thrown;
  troubles.push(thrown);
  return [];
}

const isUnwritable = (thrown: unknown): thrown is AppError => thrown instanceof AppError && thrown.code === 'BID_CHARACTER';

/** Complete forms without pages: what stands on them has changed, and they are written from the values that were kept. To be signed anew. */
export async function remakeForms(deps: FormDeps, project: BidProject): Promise<BidProject> {
  let latest = project;
  for (const part of project.parts) {
    const values = project.forms[part.id];
    const whole = part.kind === 'form' && values !== undefined && formProblems(part.fields, values).length === 0;
    if (!whole || project.documents.some(({ partId }) => partId === part.id)) continue;
    latest = await saveForm(deps, { projectId: project.id, partId: part.id, values }).catch((thrown: unknown) => {
      // The part stays begun and says so where it is filled in.
      if (isUnwritable(thrown)) return latest;
      throw thrown;
    });
  }
  return latest;
}

async function makeDocuments({ store, font, checkPdf }: FormDeps, record: ProjectRecord, part: BidPart, values: Readonly<Record<string, string>>, at: Date): Promise<DocumentRecord[]> {
  const folder = documentsFolder(store, record.id);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const title = plainPart(part.title);
  const keep = async (name: string, mediaType: string, bytes: Uint8Array, ending: string): Promise<DocumentRecord> => {
    const file = `${newId()}${ending}`;
    await writeWhole(join(folder, file), bytes, false);
    const pages = ending === '.pdf' ? (await checkPdf(join(folder, file))).pages : null;
    return newDocument({ file, name, mediaType, sizeBytes: bytes.length, pages, sha256Hex: toHex(createHash('sha256').update(bytes).digest()) }, part.id, at, true);
  };
  const pdf = await writePdf(formPage(record, part, values, at), font);
  const data = toUtf8(`${JSON.stringify({ format: 'bidkey-form', version: 1, tenderId: record.tenderId, lot: record.lot, part: part.id, title: part.title, values }, null, 1)}\n`);
  return [await keep(`${title}.pdf`, 'application/pdf', pdf, '.pdf'), await keep(`${title}.json`, 'application/json', data, '.json')];
}

function formPage(record: ProjectRecord, part: BidPart, values: Readonly<Record<string, string>>, at: Date) {
  const shown = (fieldId: string, kind: string): string => {
    const value = values[fieldId] ?? '';
    return kind === 'amount' && value !== '' ? `¥ ${value}（${moneyInWords(value)}）` : value;
  };
  return {
    title: part.title, madeAt: at, unwritable: 'refuse' as const, footer: `${record.tenderId}  ${record.tenderTitle}`.trim(),
    blocks: [
      { kind: 'facts' as const, rows: [['项目名称', record.tenderTitle], ['项目编号', record.tenderId], ['标段', record.lot], ['投标人', record.bidderName]] as const },
      { kind: 'heading' as const, text: '填报内容' },
      { kind: 'facts' as const, rows: part.fields.map((field) => [field.title, shown(field.id, field.kind)] as const) },
    ],
  };
}
