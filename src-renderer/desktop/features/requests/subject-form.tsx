/** The data that a change is about: only the fields that its kind may change can be written in; the others are shown as they stay. */
import { Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import { SUBJECT_FIELDS, type CertificateSubject, type ChangeKind, type SubjectField } from '#shared/contract/rest/orders.ts';
import type { Request } from '#shared/contract/rest/requests.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Section } from '../../../components/page.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { keepRequest } from '../../../lib/request-queries.ts';
import { useAction } from '../../../lib/use-action.ts';

export function SubjectForm({ request, changeKind }: { request: Request; changeKind: ChangeKind }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const [fields, setFields] = useState<Partial<Record<SubjectField, string>>>({});
  const before = request.subject;
  const value = (field: SubjectField) => fields[field] ?? before?.[field] ?? '';
  const save = useAction(async (subject: CertificateSubject) => keepRequest(client, await engine.call('requests.update', { requestId: request.id, change: { version: request.version, subject } })));
  if (before === null) return null;
  const shown = SUBJECT_FIELDS.filter((field) => changeKind.fields.includes(field) || before[field] !== null);
  const changed = changeKind.fields.some((field) => value(field).trim() !== (before[field] ?? ''));

  function submit() {
    if (before === null || !changed) return;
    const said = Object.fromEntries(changeKind.fields.map((field) => [field, value(field).trim() === '' ? null : value(field).trim()]));
    void save.run({ ...before, ...said, commonName: changeKind.fields.includes('commonName') ? value('commonName').trim() : before.commonName });
  }

  return (
    <Section title={t('requests.subject.title')}>
      <p className="bk-secondary">{t('requests.subject.lead')}</p>
      {save.error ? <ErrorPanel error={save.error} /> : null}
      <form className="bk-form bk-form-narrow" onSubmit={(event) => { event.preventDefault(); submit(); }}>
        {shown.map((field) => (
          <div key={field} className="bk-field">
            <label htmlFor={`subject-${field}`}>{t(`requests.subject.${field}`)}</label>
            <Input id={`subject-${field}`} maxLength={64} disabled={!changeKind.fields.includes(field)} value={value(field)} onChange={(event) => setFields({ ...fields, [field]: event.target.value })} />
          </div>
        ))}
        <div className="bk-actions"><Button htmlType="submit" type={changed ? 'primary' : 'default'} disabled={!changed} loading={save.running}>{t('requests.subject.save')}</Button></div>
      </form>
    </Section>
  );
}
