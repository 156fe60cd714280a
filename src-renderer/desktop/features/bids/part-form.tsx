/** A form of the tender (bid letter, price): its fields with what is wrong in each; kept at any time, a document once it is complete. */
import { Alert, Button, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BidProject, FormField } from '#shared/contract/desktop/bids.ts';
import { fieldProblem, moneyInWords } from '#shared/forms/form-problems.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { useKeep } from '../../../lib/bid-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { useAction } from '../../../lib/use-action.ts';

export function PartForm({ project, part }: { project: BidProject; part: BidProject['parts'][number] }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const saved = project.forms[part.id] ?? {};
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  // Only what the form asks for now: a newer tender package may have taken fields away, or brought values back.
  const values: Readonly<Record<string, string>> = Object.fromEntries(part.fields.flatMap(({ id }) => {
    const value = typed[id] ?? saved[id];
    return value === undefined ? [] : [[id, value]];
  }));
  const [looked, setLooked] = useState(Object.keys(saved).length > 0);
  const problems = new Map(part.fields.flatMap((field) => {
    const problem = fieldProblem(field, (values[field.id] ?? '').trim());
    return problem ? [[field.id, problem] as const] : [];
  }));
  const changed = part.fields.some(({ id }) => (values[id] ?? '').trim() !== (saved[id] ?? ''));
  const save = useAction(async () => {
    setLooked(true);
    keep.project(await engine.call('bids.saveForm', { projectId: project.id, partId: part.id, values: { ...values } }));
  });
  return (
    <form className="bk-form" onSubmit={(event) => { event.preventDefault(); void save.run(); }}>
      <div className="bk-form-grid">
        {part.fields.map((field) => {
          const id = `form-${part.id}-${field.id}`;
          const problem = looked ? problems.get(field.id) : undefined;
          return (
            <div key={field.id} className="bk-field">
              <label htmlFor={id}>{field.title}{field.required ? <span className="bk-bad" aria-hidden="true"> *</span> : null}</label>
              <FieldInput id={id} field={field} value={values[field.id] ?? ''} wrong={problem !== undefined} onChange={(value) => setTyped({ ...typed, [field.id]: value })} />
              {field.kind === 'amount' && !problems.has(field.id) && (values[field.id] ?? '').trim() !== '' ? <p className="bk-secondary">{moneyInWords((values[field.id] ?? '').trim())}</p> : null}
              {problem ? <p id={`${id}-problem`} className="bk-bad">{t(`bids.form.problem.${problem}`, { minimum: field.minimum ?? '', maximum: field.maximum ?? '', length: field.maxLength ?? '' })}</p> : null}
            </div>
          );
        })}
      </div>
      {save.error ? <ErrorPanel error={save.error} /> : null}
      {!changed && looked && problems.size === 0 ? <Alert type="success" showIcon title={t('bids.form.complete')} /> : null}
      <div className="bk-actions">
        <Button type="primary" htmlType="submit" loading={save.running}>{t('bids.form.save')}</Button>
        <span className="bk-secondary">{changed ? t('bids.form.unsaved') : looked && problems.size > 0 ? t('bids.form.incomplete', { count: problems.size }) : ''}</span>
      </div>
    </form>
  );
}

function FieldInput({ id, field, value, wrong, onChange }: { id: string; field: FormField; value: string; wrong: boolean; onChange: (value: string) => void }) {
  const common = { id, 'aria-invalid': wrong, 'aria-required': field.required, 'aria-describedby': wrong ? `${id}-problem` : undefined, status: wrong ? ('error' as const) : ('' as const) };
  if (field.kind === 'choice') return <Select {...common} value={value === '' ? null : value} options={field.choices.map((choice) => ({ value: choice, label: choice }))} onChange={(next) => onChange(next ?? '')} />;
  if (field.kind === 'date') return <Input {...common} type="date" value={value} onChange={(event) => onChange(event.target.value)} />;
  if (field.kind === 'text' && (field.maxLength ?? 0) > 200) return <Input.TextArea {...common} rows={3} value={value} maxLength={field.maxLength ?? 10_000} onChange={(event) => onChange(event.target.value)} />;
  const numeric = field.kind === 'amount' || field.kind === 'integer';
  return <Input {...common} value={value} inputMode={field.kind === 'amount' ? 'decimal' : numeric ? 'numeric' : 'text'} prefix={field.kind === 'amount' ? '¥' : undefined} maxLength={field.maxLength ?? 10_000} onChange={(event) => onChange(event.target.value)} />;
}
