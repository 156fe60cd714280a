/** What a newer tender package says otherwise than the one before it: terms, parts and forms by their ids, openers by certificate. Pure; documents are compared in compare-documents.ts. */
import { isDeepStrictEqual } from 'node:util';
import type { BidPart, FormField, TenderFacts } from '#shared/contract/desktop/bids.ts';
import type { FieldDifference, PartDifference, TenderDifferences, TenderDocumentDifference } from '#shared/contract/desktop/tender-updates.ts';
import { refuse } from '#shared/errors/app-error.ts';

/**
 * A package carries no number of its edition: of two packages of one tender the newer one is that which was signed later, by the time that it says itself.
 * @throws BID_TENDER_OTHER, BID_TENDER_SAME, BID_TENDER_OLDER
 */
export function requireSuccessor(before: TenderFacts, after: TenderFacts): void {
  if (after.tenderId !== before.tenderId) refuse('BID_TENDER_OTHER', { tenderId: after.tenderId, wantedTenderId: before.tenderId });
  if (after.sealIdHex === before.sealIdHex) refuse('BID_TENDER_SAME');
  if (Date.parse(after.madeAtUtc) <= Date.parse(before.madeAtUtc)) refuse('BID_TENDER_OLDER', { madeAtUtc: after.madeAtUtc, haveAtUtc: before.madeAtUtc });
}

/** What a person has to type before the package is taken: who signed it, when that is news or not trusted. null: nothing. */
export function confirmationOf(before: TenderFacts, after: TenderFacts): string | null {
  return sameSigner(before, after) && after.signerTrust !== 'untrusted' ? null : after.signer.subjectCommonName;
}

/** By the certificate itself: a name alone could stand in anybody's. */
export const sameSigner = (before: TenderFacts, after: TenderFacts): boolean => before.signer.sha256Hex === after.signer.sha256Hex;

export function compareTenders(before: TenderFacts, after: TenderFacts, documents: TenderDocumentDifference[]): TenderDifferences {
  return {
    title: changeOf(before.title, after.title), tenderer: changeOf(before.tenderer, after.tenderer), suite: changeOf(before.suite, after.suite), opensAtUtc: changeOf(before.opensAtUtc, after.opensAtUtc),
    lots: {
      added: after.lots.filter(({ id }) => !hasId(before.lots, id)), removed: before.lots.filter(({ id }) => !hasId(after.lots, id)),
      renamed: pairsOf(before.lots, after.lots).filter((pair) => pair.before.title !== pair.after.title),
    },
    parts: compareParts(before.parts, after.parts), partsReordered: isReordered(before.parts, after.parts), openers: compareOpeners(before, after), documents,
  };
}

const changeOf = <T>(before: T, after: T): { before: T; after: T } | null => (before === after ? null : { before, after });

interface WithId {
  readonly id: string;
}
const hasId = (list: readonly WithId[], id: string): boolean => list.some((one) => one.id === id);

/** Those that both have, in the order of the newer one. */
function pairsOf<T extends WithId>(before: readonly T[], after: readonly T[]): { before: T; after: T }[] {
  return after.flatMap((one) => before.filter(({ id }) => id === one.id).map((old) => ({ before: old, after: one })));
}

function isReordered(before: readonly WithId[], after: readonly WithId[]): boolean {
  const common = (list: readonly WithId[], other: readonly WithId[]) => list.filter(({ id }) => hasId(other, id)).map(({ id }) => id);
  return !isDeepStrictEqual(common(before, after), common(after, before));
}

const PART_TERMS = ['title', 'kind', 'required', 'mediaTypes', 'maxBytes', 'maxDocuments', 'mustBeSigned'] as const;
const FIELD_TERMS = ['title', 'kind', 'required', 'choices', 'minimum', 'maximum', 'maxLength'] as const;

/** In the order of the newer package, those that are gone last; parts that are the same are left out. */
function compareParts(before: readonly BidPart[], after: readonly BidPart[]): PartDifference[] {
  const present = after.map((part): PartDifference => {
    const old = before.find(({ id }) => id === part.id);
    if (!old) return { before: null, after: part, changed: [], fields: [] };
    return { before: old, after: part, changed: PART_TERMS.filter((term) => !isDeepStrictEqual(old[term], part[term])), fields: compareFields(old.fields, part.fields) };
  });
  const gone = before.filter(({ id }) => !hasId(after, id)).map((part): PartDifference => ({ before: part, after: null, changed: [], fields: [] }));
  return [...present.filter((one) => one.before === null || one.changed.length > 0 || one.fields.length > 0), ...gone];
}

function compareFields(before: readonly FormField[], after: readonly FormField[]): FieldDifference[] {
  const present = after.map((field): FieldDifference => {
    const old = before.find(({ id }) => id === field.id) ?? null;
    return { before: old, after: field, changed: old === null ? [] : FIELD_TERMS.filter((term) => !isDeepStrictEqual(old[term], field[term])) };
  });
  const gone = before.filter(({ id }) => !hasId(after, id)).map((field): FieldDifference => ({ before: field, after: null, changed: [] }));
  return [...present.filter((one) => one.before === null || one.changed.length > 0), ...gone];
}

function compareOpeners(before: TenderFacts, after: TenderFacts): TenderDifferences['openers'] {
  const all = ({ groups }: TenderFacts) => groups.flatMap(({ name, openers }) => openers.map((facts) => ({ group: name, facts })));
  const notIn = (list: readonly { group: string; facts: { sha256Hex: string } }[]) => (one: { group: string; facts: { sha256Hex: string } }) => !list.some((other) => other.group === one.group && other.facts.sha256Hex === one.facts.sha256Hex);
  const [old, now] = [all(before), all(after)];
  return [...now.filter(notIn(old)).map((one) => ({ ...one, change: 'added' as const })), ...old.filter(notIn(now)).map((one) => ({ ...one, change: 'removed' as const }))];
}
