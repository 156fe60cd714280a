/**
 * A project under a newer tender package. Rule: nothing of the bidder's work is lost – documents and values stay where the new package asks for them, and are set aside where it does
 * not; what was set aside before and is asked for again comes back. What the tenderer signs (parts, time, openers, suite) is that of the new package. Pure.
 */
import type { BidPart, SetAsideValue } from '#shared/contract/desktop/bids.ts';
import type { TenderEffects } from '#shared/contract/desktop/tender-updates.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { formProblems } from '#shared/forms/form-problems.ts';
import { certificateFacts, sha256Hex } from '../certificate-facts.ts';
import { findMisfits } from './misfits.ts';
import { BIDDER_GROUP } from './openers.ts';
import { setAsideOf, type DocumentRecord, type OpenerRecord, type ProjectRecord, type SetAsideDocument } from './project-record.ts';
import { answersOlderTender } from './project-view.ts';
import { isNameFree, staleForms } from './projects.ts';
import type { TakenTender } from './read-tender.ts';

export interface AppliedTender {
  readonly record: ProjectRecord;
  readonly effects: TenderEffects;
  /** Pages of forms that are not true any more; made anew from the values. */
  readonly dropped: readonly DocumentRecord[];
}

/** @param before with a tender package @param file name of the copy of the new one */
export function applyTender(before: ProjectRecord, { facts, openers }: TakenTender, file: string, at: Date): AppliedTender {
  const { parts, lots } = facts;
  const documents = placeDocuments(before, parts);
  const values = placeValues(before, parts);
  const own = placeOpeners(before, openers);
  const lotStays = lots.some(({ id }) => id === before.lot);
  const taken: ProjectRecord = {
    ...before, tenderTitle: facts.title, tenderId: facts.tenderId, opensAtUtc: facts.opensAtUtc, suite: facts.suite, parts,
    // A lot that is gone is not exchanged for another one by itself; one that is new and the only one was never a choice.
    lot: lotStays ? before.lot : before.lot === '' && lots.length === 1 ? (lots[0]?.id ?? '') : '',
    tender: { file, facts, openers: [...openers] }, openers: own.openers, documents: documents.kept, forms: values.forms,
    setAside: { documents: documents.aside, values: values.aside }, outputs: before.outputs.map((output) => stamped(before, output)), replacedTenders: history(before, at),
  };
  const dropped = staleForms(before, taken);
  const record = { ...taken, documents: taken.documents.filter((document) => !dropped.includes(document)) };
  return { record, dropped, effects: { ...documents.effects, valuesSetAside: values.newlyAside, openersDropped: own.dropped, lotLost: before.lot !== '' && !lotStays ? before.lot : null, ...effectsOn(before, record, dropped) } };
}

const titleOf = (parts: readonly BidPart[], id: string): string => parts.find((part) => part.id === id)?.title ?? '';
const takesDocuments = (parts: readonly BidPart[], id: string): boolean => parts.some((part) => part.id === id && part.kind === 'documents');

function placeDocuments(before: ProjectRecord, parts: readonly BidPart[]) {
  const stays = ({ partId, generated }: DocumentRecord) => (generated ? parts.some(({ id, kind }) => id === partId && kind === 'form') : takesDocuments(parts, partId));
  const kept = before.documents.filter(stays);
  const goes = before.documents.filter((document) => !stays(document) && !document.generated).map((document): SetAsideDocument => ({ ...document, partTitle: titleOf(before.parts, document.partId) }));
  const earlier = setAsideOf(before).documents;
  const back: SetAsideDocument[] = [];
  for (const document of earlier) if (takesDocuments(parts, document.partId) && isNameFree({ ...before, parts: [...parts], documents: [...kept, ...back] }, document)) back.push(document);
  return {
    kept: [...kept, ...back.map(({ partTitle: _gone, ...document }): DocumentRecord => document)],
    aside: [...goes, ...earlier.filter((document) => !back.includes(document))],
    effects: {
      setAside: goes.map(({ name, partTitle }) => ({ name, partTitle })),
      broughtBack: back.map(({ name, partId }) => ({ name, partTitle: titleOf(parts, partId) })),
    },
  };
}

/** Values are kept by part and field; whether they still are what the field wants is the form's to say. */
function placeValues(before: ProjectRecord, parts: readonly BidPart[]) {
  const forms: Record<string, Record<string, string>> = {};
  const hasField = (partId: string, fieldId: string) => parts.some(({ id, kind, fields }) => id === partId && kind === 'form' && fields.some((field) => field.id === fieldId));
  const put = ({ partId, fieldId, value }: Pick<SetAsideValue, 'partId' | 'fieldId' | 'value'>) => {
    forms[partId] = { ...forms[partId], [fieldId]: value };
  };
  const newlyAside: SetAsideValue[] = [];
  for (const [partId, values] of Object.entries(before.forms)) {
    for (const [fieldId, value] of Object.entries(values)) {
      if (hasField(partId, fieldId)) put({ partId, fieldId, value });
      else if (value !== '') newlyAside.push({ partId, partTitle: titleOf(before.parts, partId), fieldId, fieldTitle: fieldTitleOf(before.parts, partId, fieldId), value });
    }
  }
  const earlier = setAsideOf(before).values.filter((one) => {
    const comesBack = hasField(one.partId, one.fieldId) && (forms[one.partId]?.[one.fieldId] ?? '') === '';
    if (comesBack) put(one);
    return !comesBack;
  });
  return { forms, newlyAside, aside: [...newlyAside, ...earlier] };
}

const fieldTitleOf = (parts: readonly BidPart[], partId: string, fieldId: string): string => parts.find(({ id }) => id === partId)?.fields.find(({ id }) => id === fieldId)?.title ?? fieldId;

/** The bidder's own group stays; every other one is the tender's. */
function placeOpeners(before: ProjectRecord, named: TakenTender['openers']): { readonly openers: OpenerRecord[]; readonly dropped: TenderEffects['openersDropped'] } {
  const idOf = ({ certificateDer }: { readonly certificateDer: string }) => sha256Hex(fromBase64(certificateDer));
  const ofTender = new Set(named.map(idOf));
  const testedAtUtc = (one: { readonly certificateDer: string }) => before.openers.find((opener) => idOf(opener) === idOf(one))?.testedAtUtc ?? null;
  const own = before.openers.filter(({ group, source }) => group === BIDDER_GROUP && source !== 'tender');
  // One key in two groups would open both alone.
  const dropped = own.filter((opener) => ofTender.has(idOf(opener)));
  return { openers: [...named.map((opener) => ({ ...opener, testedAtUtc: testedAtUtc(opener) })), ...own.filter((opener) => !dropped.includes(opener))], dropped: dropped.map(({ certificateDer }) => certificateFacts(fromBase64(certificateDer))) };
}

/** Sealed before outputs named their package: it was the one that is replaced now. */
const stamped = ({ tender }: ProjectRecord, output: ProjectRecord['outputs'][number]): ProjectRecord['outputs'][number] => (tender && output.tenderSealIdHex === undefined ? { ...output, tenderSealIdHex: tender.facts.sealIdHex } : output);

function history({ tender, replacedTenders = [] }: ProjectRecord, at: Date): NonNullable<ProjectRecord['replacedTenders']> {
  if (!tender) return replacedTenders;
  const { sealIdHex, madeAtUtc, opensAtUtc, signer } = tender.facts;
  return [{ sealIdHex, madeAtUtc, opensAtUtc, signerName: signer.subjectCommonName, replacedAtUtc: at.toISOString(), file: tender.file }, ...replacedTenders];
}

/** What is to be done now: forms that are not complete, signatures that are missing, documents that a part does not take, bids to be sealed anew. */
function effectsOn(before: ProjectRecord, after: ProjectRecord, dropped: readonly DocumentRecord[]): Pick<TenderEffects, 'notTaken' | 'formsToFill' | 'toSign' | 'sealedForOlder'> {
  const { parts } = after;
  const placed = ({ name, partId }: DocumentRecord) => ({ name, partTitle: titleOf(parts, partId) });
  const isWhole = (part: BidPart) => formProblems(part.fields, after.forms[part.id] ?? {}).length === 0;
  const wholeForms = new Set(parts.filter((part) => part.kind === 'form' && isWhole(part)).map(({ id }) => id));
  const mustSign = (list: readonly BidPart[], id: string) => list.some((part) => part.id === id && part.mustBeSigned);
  const remade = dropped.filter(({ partId, signature }) => wholeForms.has(partId) && (signature !== null || mustSign(parts, partId)));
  const asked = after.documents.filter(({ partId, signature }) => signature === null && mustSign(parts, partId) && !mustSign(before.parts, partId));
  return {
    notTaken: findMisfits(after).map(({ document, reason }) => ({ ...placed(document), reason })),
    formsToFill: parts.filter((part) => part.kind === 'form' && part.required && !wholeForms.has(part.id)).map(({ title }) => title),
    toSign: [...remade.map((document) => ({ ...placed(document), reason: 'remade' as const })), ...asked.map((document) => ({ ...placed(document), reason: 'asked' as const }))],
    sealedForOlder: after.outputs.filter((output) => answersOlderTender(after, output)).length,
  };
}
