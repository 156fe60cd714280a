/** What a newer tender package says otherwise, line by line, by what it is about: terms, parts and forms, openers, documents. */
import { useTranslation } from 'react-i18next';
import type { BidPart, FormField } from '#shared/contract/desktop/bids.ts';
import type { FieldDifference, PartDifference, TenderDifferences as Differences } from '#shared/contract/desktop/tender-updates.ts';
import type { ReactNode } from 'react';
import { CertificateLine } from '../../../components/certificate-line.tsx';
import { ToneTag, type Tone } from '../../../components/tone-tag.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { useGroupTitle } from '../../../lib/group-title.ts';
import { sizeText } from '../../../lib/sizes.ts';

type Kind = 'added' | 'removed' | 'changed' | 'not-compared';
const TONES: Readonly<Record<Kind, Tone>> = { added: 'ok', removed: 'bad', changed: 'warn', 'not-compared': 'plain' };
const kindOf = ({ before, after }: { readonly before: unknown; readonly after: unknown }): Kind => (before === null ? 'added' : after === null ? 'removed' : 'changed');

export function TenderDifferences({ differences }: { differences: Differences }) {
  const { t } = useTranslation();
  const groupTitle = useGroupTitle();
  const { parts, openers, documents } = differences;
  const terms = useTerms(differences);
  const empty = terms.length + parts.length + openers.length + documents.length === 0 && !differences.partsReordered;
  if (empty) return <p>{t('tenderUpdate.noDifference')}</p>;
  const uncompared = documents.length > 0 && documents.every(({ change }) => change === 'not-compared');
  return (
    <>
      <Rows title={t('tenderUpdate.row.terms')} shown={terms.length > 0}>{terms.map(({ key, kind, text }) => <Row key={key} kind={kind}>{text}</Row>)}</Rows>
      <Rows title={t('tenderUpdate.row.parts')} shown={parts.length > 0 || differences.partsReordered}>
        {parts.map((part) => <Row key={part.after?.id ?? part.before?.id} kind={kindOf(part)}><PartChange part={part} /></Row>)}
        {differences.partsReordered ? <Row kind="changed">{t('tenderUpdate.reordered')}</Row> : null}
      </Rows>
      <Rows title={t('tenderUpdate.row.openers')} shown={openers.length > 0}>
        {openers.map(({ group, facts, change }) => <Row key={`${change} ${group} ${facts.sha256Hex}`} kind={change}>{groupTitle(group)} <CertificateLine facts={facts} /></Row>)}
      </Rows>
      <Rows title={t('tenderUpdate.row.documents')} shown={documents.length > 0}>
        {uncompared ? <Row kind="not-compared">{t('tenderUpdate.notCompared')}</Row> : documents.map(({ name, change }) => <Row key={name} kind={change}>{name}</Row>)}
      </Rows>
    </>
  );
}

function Rows({ title, shown, children }: { title: string; shown: boolean; children: ReactNode }) {
  if (!shown) return null;
  return <div className="bk-differences"><h4>{title}</h4><ul className="bk-plain-list">{children}</ul></div>;
}

function Row({ kind, children }: { kind: Kind; children: ReactNode }) {
  const { t } = useTranslation();
  return <li><ToneTag tone={TONES[kind]}>{t(`tenderUpdate.kind.${kind}`)}</ToneTag><div>{children}</div></li>;
}

/** The opening time first: it decides most. */
function useTerms({ opensAtUtc, title, tenderer, suite, lots }: Differences): { readonly key: string; readonly kind: Kind; readonly text: ReactNode }[] {
  const { t } = useTranslation();
  const change = (before: string, after: string) => t('tenderUpdate.change', { before, after });
  const term = (key: string, what: string, text: string) => ({ key, kind: 'changed' as const, text: t('tenderUpdate.term.title', { what, change: text }) });
  const time = (utc: string | null) => (utc === null ? t('bids.list.noTime') : beijingTime(utc));
  return [
    ...(opensAtUtc ? [{ ...term('opens', t('bids.info.opensAt'), ''), text: <strong>{t('tenderUpdate.term.title', { what: t('bids.info.opensAt'), change: change(time(opensAtUtc.before), time(opensAtUtc.after)) })}</strong> }] : []),
    ...(title ? [term('title', t('bids.info.tenderTitle'), change(title.before, title.after))] : []),
    ...(tenderer ? [term('tenderer', t('bids.tender.tenderer'), change(tenderer.before, tenderer.after))] : []),
    ...(suite ? [term('suite', t('bids.info.suite'), change(t(`bids.suite.${suite.before}`), t(`bids.suite.${suite.after}`)))] : []),
    ...lots.added.map((lot) => ({ key: `+${lot.id}`, kind: 'added' as const, text: t('tenderUpdate.term.lot', lot) })),
    ...lots.removed.map((lot) => ({ key: `-${lot.id}`, kind: 'removed' as const, text: t('tenderUpdate.term.lot', lot) })),
    ...lots.renamed.map(({ before, after }) => term(`~${after.id}`, t('bids.info.lot'), change(`${before.id} ${before.title}`, `${after.id} ${after.title}`))),
  ];
}

function PartChange({ part: { before, after, changed, fields } }: { part: PartDifference }) {
  const { t } = useTranslation();
  const partText = usePartText();
  return (
    <>
      <strong>{after?.title ?? before?.title}</strong>
      {before && after && changed.length + fields.length > 0 ? (
        <ul>
          {changed.map((term) => <li key={term}>{t('tenderUpdate.term.title', { what: t(`tenderUpdate.part.${term}`), change: t('tenderUpdate.change', { before: partText(before, term), after: partText(after, term) }) })}</li>)}
          {fields.map((field) => <li key={field.after?.id ?? field.before?.id}><FieldChange field={field} /></li>)}
        </ul>
      ) : null}
    </>
  );
}

function FieldChange({ field: { before, after, changed } }: { field: FieldDifference }) {
  const { t } = useTranslation();
  const fieldText = useFieldText();
  const kind = kindOf({ before, after });
  const terms = before && after ? changed.map((term) => t('tenderUpdate.term.title', { what: t(`tenderUpdate.field.${term}`), change: t('tenderUpdate.change', { before: fieldText(before, term), after: fieldText(after, term) }) })) : [];
  return <>{t('tenderUpdate.fieldOf', { title: after?.title ?? before?.title ?? '' })} <ToneTag tone={TONES[kind]}>{t(`tenderUpdate.kind.${kind}`)}</ToneTag> {terms.join(t('common.listSeparator'))}</>;
}

function usePartText(): (part: BidPart, term: PartDifference['changed'][number]) => string {
  const { t } = useTranslation();
  const yes = (value: boolean) => (value ? t('tenderUpdate.yes') : t('tenderUpdate.no'));
  return (part, term) => ({
    title: part.title, kind: t(`tenderUpdate.partKind.${part.kind}`), required: yes(part.required), mustBeSigned: yes(part.mustBeSigned), mediaTypes: part.mediaTypes.length === 0 ? t('tenderUpdate.unlimited') : part.mediaTypes.join(' '),
    maxBytes: part.maxBytes === null ? t('tenderUpdate.unlimited') : sizeText(part.maxBytes), maxDocuments: part.maxDocuments === null ? t('tenderUpdate.unlimited') : String(part.maxDocuments),
  })[term];
}

function useFieldText(): (field: FormField, term: FieldDifference['changed'][number]) => string {
  const { t } = useTranslation();
  const number = (value: number | null) => (value === null ? t('tenderUpdate.unlimited') : String(value));
  return (field, term) => ({
    title: field.title, kind: t(`parts.kind.${field.kind}`), required: field.required ? t('tenderUpdate.yes') : t('tenderUpdate.no'), choices: field.choices.join(t('common.listSeparator')),
    minimum: number(field.minimum), maximum: number(field.maximum), maxLength: number(field.maxLength),
  })[term];
}
