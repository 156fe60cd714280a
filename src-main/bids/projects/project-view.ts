/** A project as screens see it: certificates in words, the state of each part, where documents stand inside the bid. Pure. */
import type { BidProject, BidProjectSummary, PartState } from '#shared/contract/desktop/bids.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { certificateFacts } from '../certificate-facts.ts';
import { formProblems } from '#shared/forms/form-problems.ts';
import { setAsideOf, type DocumentRecord, type ProjectRecord } from './project-record.ts';

export function viewProject(record: ProjectRecord): BidProject {
  return {
    ...viewSummary(record), revision: record.revision, bidId: record.bidId, suite: record.suite, tender: record.tender?.facts ?? null,
    parts: record.parts.map((part) => ({ ...part, state: partState(record, part.id) })),
    documents: record.documents.map(viewDocument), forms: record.forms, outputs: record.outputs,
    openers: record.openers.map((opener) => ({ ...opener, facts: certificateFacts(fromBase64(opener.certificateDer)) })),
    setAside: { documents: setAsideOf(record).documents.map(({ partTitle, ...document }) => ({ ...viewDocument(document), partTitle })), values: setAsideOf(record).values },
    replacedTenders: (record.replacedTenders ?? []).map(({ file: _file, ...tender }) => tender),
  };
}

export function viewSummary(record: ProjectRecord): BidProjectSummary {
  const required = record.parts.filter((part) => part.required);
  return {
    id: record.id, name: record.name, state: record.archived ? 'archived' : 'open', tenderTitle: record.tenderTitle, tenderId: record.tenderId, lot: record.lot, opensAtUtc: record.opensAtUtc, bidderName: record.bidderName,
    partsDone: required.filter((part) => partState(record, part.id) === 'complete').length, partsRequired: required.length,
    documentCount: record.documents.length, sealedCount: record.outputs.length, createdAtUtc: record.createdAtUtc, updatedAtUtc: record.updatedAtUtc,
    sealedForOlderTender: record.outputs.length > 0 && record.outputs.every((output) => answersOlderTender(record, output)),
  };
}

/** Sealed for a package that was replaced since. */
export const answersOlderTender = ({ tender }: ProjectRecord, { tenderSealIdHex }: ProjectRecord['outputs'][number]): boolean => tenderSealIdHex !== undefined && tender !== null && tenderSealIdHex !== tender.facts.sealIdHex;

export function viewDocument({ file: _file, signature, ...document }: DocumentRecord) {
  return { ...document, signature: signature && { signer: certificateFacts(fromBase64(signature.signerDer)), signedAtUtc: signature.signedAtUtc } };
}

/** complete: what the part asks for is there; signatures are another check. */
export function partState(record: ProjectRecord, partId: string): PartState {
  const part = record.parts.find((one) => one.id === partId);
  const documents = record.documents.filter((one) => one.partId === partId);
  if (part?.kind === 'form') {
    const values = record.forms[partId];
    if (!values) return 'empty';
    return formProblems(part.fields, values).length === 0 && documents.length > 0 ? 'complete' : 'begun';
  }
  return documents.length > 0 ? 'complete' : 'empty';
}

/** In the order of the parts; within a part as the person put them. */
export function orderedDocuments(record: ProjectRecord): DocumentRecord[] {
  return record.parts.flatMap((part) => record.documents.filter((document) => document.partId === part.id));
}

/** As file systems may take it that know no case. */
export const foldedName = (name: string): string => name.normalize('NFC').toUpperCase().toLowerCase();

/** `02-商务标/报价.pdf`: numbered, so that the order survives every file system. Names were checked when they were given. */
export function nameInBid(record: ProjectRecord, document: Pick<DocumentRecord, 'partId' | 'name'>): string {
  const index = record.parts.findIndex((part) => part.id === document.partId);
  const title = record.parts[index]?.title ?? '';
  return `${String(index + 1).padStart(2, '0')}-${plainPart(title)}/${document.name}`;
}

/** A title as part of a name: what the format refuses becomes an underline. */
export function plainPart(title: string): string {
  const plain = title.normalize('NFC').replace(/[\\/<>:"|?*\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u2028\u2029]/gu, '_').replace(/^\s+|[\s.]+$/gu, '');
  const short = [...plain].slice(0, 60).join('').replace(/[\s.]+$/u, '');
  return short === '' ? '_' : short;
}
