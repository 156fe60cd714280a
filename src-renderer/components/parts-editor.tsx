/** The parts that a bid has to have: titles, whether needed, what files they take; forms with their fields. For tender packages, and for bids without one. */
import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Checkbox, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { BidPart, FormField } from '#shared/contract/desktop/bids.ts';

interface PartsEditorProps {
  readonly parts: readonly BidPart[];
  /** Bids without a tender package have files only. */
  readonly withForms: boolean;
  readonly onChange: (parts: BidPart[]) => void;
}

const PDF = 'application/pdf';
const FIELD_KINDS = ['text', 'integer', 'amount', 'date', 'choice'] as const;

/** Lower-case letters and digits, as the format wants ids. By chance, so that one which was taken away never stands for something else in a later package. */
const newId = (prefix: string): string => `${prefix}-${[...crypto.getRandomValues(new Uint8Array(5))].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;

function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  const [one] = next.splice(from, 1);
  if (one !== undefined) next.splice(to, 0, one);
  return next;
}

export function PartsEditor({ parts, withForms, onChange }: PartsEditorProps) {
  const { t } = useTranslation();
  const change = (index: number, changes: Partial<BidPart>) => onChange(parts.map((part, i) => (i === index ? { ...part, ...changes } : part)));
  const add = (kind: BidPart['kind']) => {
    const fields: FormField[] = kind === 'form' ? [newField(t('parts.newField'))] : [];
    onChange([...parts, { id: newId('part'), title: kind === 'form' ? t('parts.newForm') : t('parts.newPart'), kind, required: true, mediaTypes: kind === 'form' ? [] : [PDF], maxBytes: null, maxDocuments: null, mustBeSigned: true, fields }]);
  };
  return (
    <div className="bk-stack">
      <ol className="bk-parts-editor">
        {parts.map((part, index) => (
          <li key={part.id}>
            <div className="bk-part-row">
              <Input aria-label={t('parts.title')} value={part.title} maxLength={256} status={part.title.trim() === '' ? 'error' : ''} onChange={(event) => change(index, { title: event.target.value })} />
              <Checkbox checked={part.required} onChange={(event) => change(index, { required: event.target.checked })}>{t('parts.required')}</Checkbox>
              <Checkbox checked={part.mustBeSigned} onChange={(event) => change(index, { mustBeSigned: event.target.checked })}>{t('parts.mustBeSigned')}</Checkbox>
              {part.kind === 'documents' ? <Checkbox checked={part.mediaTypes.includes(PDF)} onChange={(event) => change(index, { mediaTypes: event.target.checked ? [PDF] : [] })}>{t('parts.pdfOnly')}</Checkbox> : <span className="bk-secondary">{t('parts.form')}</span>}
              <RowButtons index={index} count={parts.length} name={part.title} onMove={(to) => onChange(moved(parts, index, to))} onRemove={() => onChange(parts.filter((_, i) => i !== index))} />
            </div>
            {part.kind === 'form' ? <FieldsEditor fields={part.fields} onChange={(fields) => change(index, { fields })} /> : null}
          </li>
        ))}
      </ol>
      <div className="bk-actions">
        <Button icon={<PlusOutlined />} onClick={() => add('documents')}>{t('parts.addPart')}</Button>
        {withForms ? <Button icon={<PlusOutlined />} onClick={() => add('form')}>{t('parts.addForm')}</Button> : null}
      </div>
    </div>
  );
}

const newField = (title: string): FormField => ({ id: newId('field'), title, kind: 'text', required: true, choices: [], minimum: null, maximum: null, maxLength: null });

function FieldsEditor({ fields, onChange }: { fields: readonly FormField[]; onChange: (fields: FormField[]) => void }) {
  const { t } = useTranslation();
  const change = (index: number, changes: Partial<FormField>) => onChange(fields.map((field, i) => (i === index ? { ...field, ...changes } : field)));
  return (
    <div className="bk-fields-editor">
      {fields.map((field, index) => (
        <div key={field.id} className="bk-part-row">
          <Input aria-label={t('parts.fieldTitle')} value={field.title} maxLength={256} onChange={(event) => change(index, { title: event.target.value })} />
          <Select aria-label={t('parts.fieldKind')} value={field.kind} options={FIELD_KINDS.map((kind) => ({ value: kind, label: t(`parts.kind.${kind}`) }))} onChange={(kind) => change(index, { kind, choices: kind === 'choice' ? [t('parts.firstChoice')] : [] })} />
          {field.kind === 'choice' ? <Input aria-label={t('parts.choices')} placeholder={t('parts.choices')} value={field.choices.join('、')} onChange={(event) => change(index, { choices: event.target.value.split(/[、,，]/).map((one) => one.trim()).filter((one) => one !== '') })} /> : null}
          <Checkbox checked={field.required} onChange={(event) => change(index, { required: event.target.checked })}>{t('parts.required')}</Checkbox>
          <RowButtons index={index} count={fields.length} name={field.title} onMove={(to) => onChange(moved(fields, index, to))} onRemove={() => onChange(fields.filter((_, i) => i !== index))} />
        </div>
      ))}
      <Button size="small" icon={<PlusOutlined />} onClick={() => onChange([...fields, newField(t('parts.newField'))])}>{t('parts.addField')}</Button>
    </div>
  );
}

function RowButtons({ index, count, name, onMove, onRemove }: { index: number; count: number; name: string; onMove: (to: number) => void; onRemove: () => void }) {
  const { t } = useTranslation();
  return (
    <span className="bk-row-buttons">
      <Button size="small" type="text" icon={<ArrowUpOutlined />} disabled={index === 0} aria-label={t('parts.up', { name })} onClick={() => onMove(index - 1)} />
      <Button size="small" type="text" icon={<ArrowDownOutlined />} disabled={index === count - 1} aria-label={t('parts.down', { name })} onClick={() => onMove(index + 1)} />
      <Button size="small" type="text" icon={<DeleteOutlined />} disabled={count === 1} aria-label={t('parts.remove', { name })} onClick={onRemove} />
    </span>
  );
}
