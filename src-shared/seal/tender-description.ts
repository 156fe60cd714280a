/**
 * tender.json, the first document of a tender package: what is tendered, which parts and forms a bid needs, who opens. Spec §11. Pure.
 * Rule: JSON in UTF-8, checked by this schema and by what holds between its parts; members that are not in the schema are ignored, so that later programs may add some.
 */
import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { toUtf8, tryFromUtf8 } from '../bytes/utf8.ts';
import { refuse } from '../errors/app-error.ts';
import { findNameProblem } from './document-name.ts';
import { foldGroupName, isBidderGroup } from './group-names.ts';
import { findTextProblem } from './strict-structure.ts';

export const TENDER_DOCUMENT = 'tender.json';
export const TENDER_MEDIA_TYPE = 'application/vnd.bidkey.tender+json';
export const MAX_TENDER_DESCRIPTION_BYTES = 4 << 20;

const Id = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' });
const Text = (maxLength: number, minLength = 1) => Type.String({ minLength, maxLength });
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const UtcTime = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$', description: 'whole seconds' });

/** A field of a form. `amount`: decimal digits with at most two behind the point, in CNY. `date`: YYYY-MM-DD. */
export const TenderField = Type.Object({
  id: Id, label: Text(256), kind: Type.Union([Type.Literal('text'), Type.Literal('integer'), Type.Literal('amount'), Type.Literal('date'), Type.Literal('choice')]), required: Type.Boolean(),
  maxLength: Nullable(Type.Integer({ minimum: 1, maximum: 10_000 })), min: Nullable(Type.Number()), max: Nullable(Type.Number()), choices: Type.Array(Text(256), { maxItems: 200 }),
});
export type TenderField = Static<typeof TenderField>;

/** A part that a bid has, with files of the bidder, or a form whose answers are the part. */
export const TenderPart = Type.Object({
  id: Id, title: Text(256), required: Type.Boolean(),
  /** Empty: any. */
  mediaTypes: Type.Array(Type.String({ maxLength: 128 }), { maxItems: 50 }),
  maxBytes: Nullable(Type.Integer({ minimum: 1 })), maxFiles: Nullable(Type.Integer({ minimum: 1, maximum: 10_000 })),
  /** Each of its files goes with a detached signature of the bidder; absent: as the bidder likes. */
  mustBeSigned: Type.Optional(Type.Boolean()),
  /** null: files. */
  form: Nullable(Type.Array(TenderField, { minItems: 1, maxItems: 200 })),
});
export type TenderPart = Static<typeof TenderPart>;

export const TenderDescription = Type.Object({
  format: Type.Literal('bidkey-tender-1'),
  tenderId: Text(128), title: Text(256), tenderer: Text(256),
  /** Empty: the tender has no lots. */
  lots: Type.Array(Type.Object({ id: Text(128), title: Text(256, 0) }), { maxItems: 200 }),
  opensAtUtc: Nullable(UtcTime),
  parts: Type.Array(TenderPart, { maxItems: 500 }),
  /** Groups of openers that every bid has besides the bidder's, whose name none of them may have; `openers` are names of documents of the package. */
  groups: Type.Array(Type.Object({ name: Text(64), openers: Type.Array(Text(1024), { minItems: 1, maxItems: 64 }) }), { maxItems: 7 }),
});
export type TenderDescription = Static<typeof TenderDescription>;

/** Nothing is written that would not be read. @throws SEAL_TENDER_MALFORMED */
export function writeTenderDescription(description: TenderDescription): Uint8Array {
  const bytes = toUtf8(`${JSON.stringify(description, null, 1)}\n`);
  readTenderDescription(bytes);
  return bytes;
}

/** @throws SEAL_TENDER_MALFORMED */
export function readTenderDescription(bytes: Uint8Array): TenderDescription {
  if (bytes.length > MAX_TENDER_DESCRIPTION_BYTES) malformed('too large');
  const text = tryFromUtf8(bytes) ?? malformed('not UTF-8');
  const value = parse(text);
  const [problem] = [...Value.Errors(TenderDescription, value)];
  if (problem || !Value.Check(TenderDescription, value)) return malformed(`not as it should be: ${problem?.path ?? ''}`.slice(0, 200));
  checkDescription(value);
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return malformed('no JSON');
    throw thrown;
  }
}

/** What holds between the parts. */
function checkDescription(description: TenderDescription): void {
  const { parts, groups, lots } = description;
  const texts = [description.tenderId, ...lots.map(({ id }) => id)];
  if (texts.some((text) => findTextProblem(text, 1, 128) !== null)) malformed('identifier');
  if (groups.some(({ name }) => findTextProblem(name, 1, 64) !== null)) malformed('group name');
  if (groups.some(({ openers }) => openers.some((name) => findNameProblem(name) !== null))) malformed('name of an opener');
  if (groups.some(({ name }) => isBidderGroup(name))) malformed('group of the bidder');
  if (description.opensAtUtc !== null && new Date(description.opensAtUtc).toISOString().replace('.000Z', 'Z') !== description.opensAtUtc) malformed('opening time');
  const lists = [parts.map(({ id }) => id), groups.map(({ name }) => foldGroupName(name)), lots.map(({ id }) => id), groups.flatMap(({ openers }) => openers), ...parts.map(({ form }) => (form ?? []).map(({ id }) => id))];
  if (lists.some((list) => new Set(list).size !== list.length)) malformed('the same twice');
  if (parts.some(({ form }) => form?.some(({ kind, choices }) => (kind === 'choice') !== choices.length > 0))) malformed('choices of a field');
}

const malformed = (reason: string): never => refuse('SEAL_TENDER_MALFORMED', { reason });
