/** One tender package being made: what is tendered, documents, parts and forms that bids need, who opens; then signed and written. */
import { CheckCircleFilled, DeleteOutlined, FileOutlined } from '@ant-design/icons';
import { Alert, Button, Input, Radio } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { useQuery } from '@tanstack/react-query';
import type { BidPart, ChosenOpener } from '#shared/contract/desktop/bids.ts';
import type { FileSource } from '#shared/contract/desktop/bid-files.ts';
import type { TenderDraft } from '#shared/contract/desktop/tenders.ts';
import { AddFiles } from '../../../components/add-files.tsx';
import { BeijingTimeField } from '../../../components/beijing-time-field.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { OpenerPicker } from '../../../components/opener-picker.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { PartsEditor } from '../../../components/parts-editor.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { BID_KEYS, useKeep, useTender } from '../../../lib/bid-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { sizeText } from '../../../lib/sizes.ts';
import { useAction } from '../../../lib/use-action.ts';
import { MakePackage } from './make-package.tsx';

export function TenderPage() {
  const { t } = useTranslation();
  const { draftId = '' } = useParams();
  const draft = useTender(draftId);
  if (draft.error) return <Page title={t('tender.title')}><ErrorPanel error={draft.error} onRetry={() => void draft.refetch()} actions={<Link to="/tender" className="bk-button-link">{t('tender.back')}</Link>} /></Page>;
  if (!draft.data) return <Loading />;
  return <Draft key={draft.data.id} draft={draft.data} />;
}

function Draft({ draft }: { draft: TenderDraft }) {
  const { t } = useTranslation();
  return (
    <Page title={draft.title} lead={t('tender.pageLead')} actions={<Link to="/tender" className="bk-button-link">{t('tender.back')}</Link>}>
      <Terms draft={draft} />
      <Documents draft={draft} />
      <Openers draft={draft} />
      <MakePackage draft={draft} />
      {draft.made.length > 0 ? (
        <Section title={t('tender.made')}>
          <ul className="bk-plain-list bk-kept">{draft.made.map((one) => <li key={one.sealIdHex}><span className="bk-ok" aria-hidden="true"><CheckCircleFilled /></span><span>{beijingTime(one.madeAtUtc)}</span><code>{one.path}</code><span className="bk-secondary">{sizeText(one.sizeBytes)}</span></li>)}</ul>
        </Section>
      ) : null}
    </Page>
  );
}

function Terms({ draft }: { draft: TenderDraft }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const [title, setTitle] = useState(draft.title);
  const [tenderId, setTenderId] = useState(draft.tenderId);
  const [tenderer, setTenderer] = useState(draft.tenderer);
  const [lots, setLots] = useState(draft.lots.map(({ id, title: name }) => (name === '' ? id : `${id} ${name}`)).join('\n'));
  const [opensAtUtc, setOpensAt] = useState(draft.opensAtUtc);
  const [suite, setSuite] = useState(draft.suite);
  const [parts, setParts] = useState<readonly BidPart[]>(draft.parts);
  const [savedAt, setSavedAt] = useState(0);
  const save = useAction(async () => {
    const lines = lots.split('\n').map((line) => line.trim()).filter((line) => line !== '');
    const wanted = { title: title.trim(), tenderId: tenderId.trim(), tenderer: tenderer.trim(), opensAtUtc, suite, parts: [...parts], lots: lines.map((line) => ({ id: line.split(/\s+/)[0] ?? line, title: line.replace(/^\S+\s*/, '') })) };
    const next = await engine.call('tenders.update', { draftId: draft.id, revision: draft.revision, ...wanted });
    keep.tender(next);
    setSavedAt(next.revision);
  });
  return (
    <form onSubmit={(event) => { event.preventDefault(); void save.run(); }} className="bk-stack">
      <Section number={1} title={t('tender.terms')}>
        <div className="bk-form-grid">
          <div className="bk-field"><label htmlFor="draft-title">{t('bids.info.tenderTitle')}</label><Input id="draft-title" value={title} maxLength={256} onChange={(event) => setTitle(event.target.value)} /></div>
          <div className="bk-field"><label htmlFor="draft-id">{t('bids.info.tenderId')}</label><Input id="draft-id" value={tenderId} maxLength={128} onChange={(event) => setTenderId(event.target.value)} /></div>
          <div className="bk-field"><label htmlFor="draft-tenderer">{t('bids.tender.tenderer')}</label><Input id="draft-tenderer" value={tenderer} maxLength={256} onChange={(event) => setTenderer(event.target.value)} /></div>
          <BeijingTimeField label={t('bids.info.opensAt')} value={opensAtUtc} onChange={setOpensAt} />
          <div className="bk-field"><label htmlFor="draft-lots">{t('tender.lots')}</label><Input.TextArea id="draft-lots" rows={3} value={lots} aria-describedby="draft-lots-hint" onChange={(event) => setLots(event.target.value)} /><p id="draft-lots-hint" className="bk-secondary">{t('tender.lotsHint')}</p></div>
          <div className="bk-field">
            <span className="bk-label">{t('bids.info.suite')}</span>
            <Radio.Group aria-label={t('bids.info.suite')} aria-describedby="draft-suite-hint" value={suite} options={(['sm', 'aes'] as const).map((value) => ({ value, label: t(`bids.suite.${value}`) }))} onChange={(event) => setSuite(event.target.value === 'aes' ? 'aes' : 'sm')} />
            <p id="draft-suite-hint" className="bk-secondary">{t('tender.suiteHint')}</p>
          </div>
        </div>
      </Section>
      <Section number={2} title={t('tender.parts')}><PartsEditor parts={parts} withForms onChange={setParts} /></Section>
      {save.error ? <ErrorPanel error={save.error} /> : null}
      <div className="bk-actions">
        <Button type="primary" htmlType="submit" loading={save.running} disabled={title.trim() === '' || parts.some((part) => part.title.trim() === '' || part.fields.some((field) => field.title.trim() === ''))}>{t('tender.save')}</Button>
        {savedAt === draft.revision ? <span className="bk-ok" role="status">{t('tender.saved')}</span> : null}
      </div>
    </form>
  );
}

function Documents({ draft }: { draft: TenderDraft }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const add = async (source: FileSource) => keep.tender(await engine.call('tenders.addDocument', { draftId: draft.id, source }));
  const remove = useAction(async (documentId: string) => keep.tender(await engine.call('tenders.removeDocument', { draftId: draft.id, documentId })));
  return (
    <Section number={3} title={t('tender.documents')}>
      <ul className="bk-plain-list bk-documents">
        {draft.documents.map((document) => (
          <li key={document.id}>
            <FileOutlined className="bk-document-icon" aria-hidden="true" />
            <div className="bk-document-facts"><strong>{document.name}</strong><span className="bk-secondary">{[sizeText(document.sizeBytes), document.pages === null ? '' : t('bids.parts.pages', { count: document.pages })].filter((text) => text !== '').join(' · ')}</span></div>
            <Button size="small" type="text" danger icon={<DeleteOutlined />} aria-label={t('bids.parts.removeOf', { name: document.name })} onClick={() => void remove.run(document.id)} />
          </li>
        ))}
      </ul>
      {remove.error ? <ErrorPanel error={remove.error} /> : null}
      <AddFiles label={t('tender.documents')} onFile={add} />
    </Section>
  );
}

function Openers({ draft }: { draft: TenderDraft }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const [asked, setAsked] = useState(false);
  const candidates = useQuery({ queryKey: [...BID_KEYS.tender(draft.id), 'candidates'], queryFn: () => engine.call('tenders.openerCandidates', { draftId: draft.id }), enabled: asked, staleTime: 0, gcTime: 0 });
  const save = useAction(async (openers: ChosenOpener[]) => keep.tender(await engine.call('tenders.update', { draftId: draft.id, revision: draft.revision, openers })));
  return (
    <Section number={4} title={t('tender.openers')}>
      <p className="bk-secondary">{t('tender.openersMeaning')}</p>
      <OpenerPicker groups={['tenderer']} openers={draft.openers} candidates={candidates.data ?? null} onAsk={() => { setAsked(true); void candidates.refetch(); }} saving={save.running} onChange={(openers) => void save.run(openers)} />
      {candidates.error ?? save.error ? <ErrorPanel error={candidates.error ?? save.error} /> : null}
      {draft.openers.length === 1 ? <Alert type="info" showIcon title={t('tender.oneOpener')} /> : null}
    </Section>
  );
}
