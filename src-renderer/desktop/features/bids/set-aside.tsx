/** What the tender no longer asks for since it was updated: documents, to be looked at, moved to another part or removed; values of fields that are gone. */
import { DeleteOutlined, EyeOutlined, SafetyCertificateOutlined } from '@ant-design/icons';
import { Button, Dropdown, Popconfirm } from 'antd';
import { useTranslation } from 'react-i18next';
import type { BidDocument, BidProject } from '#shared/contract/desktop/bids.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Section } from '../../../components/page.tsx';
import { ToneTag } from '../../../components/tone-tag.tsx';
import { useKeep } from '../../../lib/bid-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { sizeText } from '../../../lib/sizes.ts';
import { useAction } from '../../../lib/use-action.ts';

export function SetAside({ project, onPreview }: { project: BidProject; onPreview: (document: BidDocument) => void }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const { documents, values } = project.setAside;
  const forget = useAction(async () => keep.project(await engine.call('bids.forgetValues', { projectId: project.id })));
  if (documents.length + values.length === 0) return null;
  return (
    <Section title={t('tenderUpdate.setAside.title')} label={t('tenderUpdate.setAside.title')}>
      <p className="bk-secondary">{t('tenderUpdate.setAside.meaning')}</p>
      <ul className="bk-plain-list bk-documents">{documents.map((document) => <SetAsideRow key={document.id} project={project} document={document} onPreview={onPreview} />)}</ul>
      {values.length > 0 ? (
        <>
          <dl className="bk-facts">{values.map(({ partId, partTitle, fieldId, fieldTitle, value }) => <div key={`${partId} ${fieldId}`}><dt>{t('tenderUpdate.setAside.value', { part: partTitle, field: fieldTitle })}</dt><dd>{value}</dd></div>)}</dl>
          <div className="bk-actions"><Popconfirm title={t('tenderUpdate.setAside.forgetAsk')} description={t('tenderUpdate.setAside.forgetMeaning')} okText={t('tenderUpdate.setAside.forget')} cancelText={t('common.cancel')} onConfirm={() => void forget.run()}><Button danger loading={forget.running}>{t('tenderUpdate.setAside.forget')}</Button></Popconfirm></div>
        </>
      ) : null}
      {forget.error ? <ErrorPanel error={forget.error} /> : null}
    </Section>
  );
}

function SetAsideRow({ project, document, onPreview }: { project: BidProject; document: BidProject['setAside']['documents'][number]; onPreview: (document: BidDocument) => void }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const ids = { projectId: project.id, documentId: document.id };
  const move = useAction(async (partId: string) => keep.project(await engine.call('bids.takeBack', { ...ids, partId })));
  const remove = useAction(async () => keep.project(await engine.call('bids.removeDocument', ids)));
  const { name } = document;
  const parts = project.parts.filter(({ kind }) => kind === 'documents');
  return (
    <li>
      <div className="bk-document-facts"><strong>{name}</strong><span className="bk-secondary">{t('tenderUpdate.setAside.from', { part: document.partTitle })} · {sizeText(document.sizeBytes)}</span></div>
      {document.signature ? <ToneTag tone="ok"><SafetyCertificateOutlined aria-hidden="true" /> {t('bids.parts.signedBy', { name: document.signature.signer.subjectCommonName })}</ToneTag> : <ToneTag tone="plain">{t('bids.parts.unsigned')}</ToneTag>}
      <div className="bk-row-buttons">
        {document.mediaType === 'application/pdf' ? <Button size="small" icon={<EyeOutlined />} aria-label={t('bids.parts.previewOf', { name })} onClick={() => onPreview(document)}>{t('bids.parts.preview')}</Button> : null}
        <Dropdown trigger={['click']} menu={{ items: parts.map(({ id, title }) => ({ key: id, label: title })), onClick: ({ key }) => void move.run(key) }}>
          <Button size="small" loading={move.running} disabled={parts.length === 0} aria-label={t('tenderUpdate.setAside.moveOf', { name })}>{t('tenderUpdate.setAside.moveTo')}</Button>
        </Dropdown>
        <Popconfirm title={t('bids.parts.removeAsk', { name })} description={t('bids.parts.removeMeaning')} okText={t('bids.parts.removeYes')} cancelText={t('common.cancel')} onConfirm={() => void remove.run()}>
          <Button size="small" type="text" danger icon={<DeleteOutlined />} loading={remove.running} aria-label={t('bids.parts.removeOf', { name })} />
        </Popconfirm>
      </div>
      {move.error ?? remove.error ? <ErrorPanel error={move.error ?? remove.error} /> : null}
    </li>
  );
}
