/** The parts that the bid needs, each with its state and its documents: added, previewed, put in order, replaced, renamed, removed; forms are filled in. */
import { ArrowDownOutlined, ArrowUpOutlined, CheckCircleFilled, DeleteOutlined, EditOutlined, EyeOutlined, FilePdfOutlined, FileOutlined, MinusCircleOutlined, SafetyCertificateOutlined, SwapOutlined } from '@ant-design/icons';
import { Button, Drawer, Modal, Popconfirm } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BidDocument, BidProject } from '#shared/contract/desktop/bids.ts';
import type { FileSource } from '#shared/contract/desktop/bid-files.ts';
import { AddFiles } from '../../../components/add-files.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { PdfPreview } from '../../../components/pdf-preview.tsx';
import { Section } from '../../../components/page.tsx';
import { ToneTag } from '../../../components/tone-tag.tsx';
import { useKeep } from '../../../lib/bid-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { sizeText } from '../../../lib/sizes.ts';
import { useAction } from '../../../lib/use-action.ts';
import { NameForm } from './name-form.tsx';
import { PartForm } from './part-form.tsx';
import { SetAside } from './set-aside.tsx';

type ProjectPart = BidProject['parts'][number];
const PDF = 'application/pdf';

export function ProjectParts({ project }: { project: BidProject }) {
  const [previewed, setPreviewed] = useState<BidDocument | null>(null);
  return (
    <div className="bk-stack">
      {project.parts.map((part, index) => <PartSection key={part.id} project={project} part={part} number={index + 1} onPreview={setPreviewed} />)}
      <SetAside project={project} onPreview={setPreviewed} />
      <Preview project={project} document={previewed} onClose={() => setPreviewed(null)} />
    </div>
  );
}

function PartSection({ project, part, number, onPreview }: { project: BidProject; part: ProjectPart; number: number; onPreview: (document: BidDocument) => void }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const documents = project.documents.filter((document) => document.partId === part.id);
  const full = part.maxDocuments !== null && documents.length >= part.maxDocuments;
  const add = async (source: FileSource) => keep.project(await engine.call('bids.addDocument', { projectId: project.id, partId: part.id, source }));
  return (
    <Section number={number} title={<>{part.title} {part.required ? null : <ToneTag tone="plain">{t('bids.parts.optional')}</ToneTag>}</>} extra={<PartState part={part} />} label={part.title}>
      <p className="bk-secondary">{partRules(part)}</p>
      {part.kind === 'form' ? <PartForm project={project} part={part} /> : null}
      <ul className="bk-plain-list bk-documents">
        {documents.map((document, position) => <DocumentRow key={document.id} project={project} document={document} position={position} last={position === documents.length - 1} onPreview={onPreview} />)}
      </ul>
      {part.kind === 'documents' ? full ? <p className="bk-secondary">{t('bids.parts.full', { count: part.maxDocuments ?? 0 })}</p> : <AddFiles label={part.title} {...(onlyPdf(part) ? { endings: ['.pdf'] } : {})} onFile={add} /> : null}
    </Section>
  );

  function partRules(one: ProjectPart): string {
    if (one.kind === 'form') return t('bids.parts.ruleForm');
    const what = onlyPdf(one) ? t('bids.parts.rulePdf') : one.mediaTypes.length === 0 ? t('bids.parts.ruleAny') : t('bids.parts.ruleTypes', { types: one.mediaTypes.join(' ') });
    return [what, one.maxBytes === null ? '' : t('bids.parts.ruleSize', { size: sizeText(one.maxBytes) }), one.mustBeSigned ? t('bids.parts.ruleSigned') : ''].filter((text) => text !== '').join(' ');
  }
}

const onlyPdf = (part: ProjectPart): boolean => part.mediaTypes.length === 1 && part.mediaTypes[0] === PDF;

function PartState({ part }: { part: ProjectPart }) {
  const { t } = useTranslation();
  if (part.state === 'complete') return <span className="bk-ok"><CheckCircleFilled aria-hidden="true" /> {t('bids.parts.state.complete')}</span>;
  return <span className={part.required ? 'bk-warn' : 'bk-secondary'}><MinusCircleOutlined aria-hidden="true" /> {t(`bids.parts.state.${part.state}`)}</span>;
}

interface DocumentRowProps {
  readonly project: BidProject;
  readonly document: BidDocument;
  readonly position: number;
  readonly last: boolean;
  readonly onPreview: (document: BidDocument) => void;
}

function DocumentRow({ project, document, position, last, onPreview }: DocumentRowProps) {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const [open, setOpen] = useState<'rename' | 'replace' | null>(null);
  const ids = { projectId: project.id, documentId: document.id };
  const move = useAction(async (to: number) => keep.project(await engine.call('bids.moveDocument', { ...ids, position: to })));
  const remove = useAction(async () => keep.project(await engine.call('bids.removeDocument', ids)));
  const rename = useAction(async (name: string) => {
    keep.project(await engine.call('bids.renameDocument', { ...ids, name }));
    setOpen(null);
  });
  const replace = async (source: FileSource) => {
    keep.project(await engine.call('bids.replaceDocument', { ...ids, source }));
    setOpen(null);
  };
  const { name } = document;
  return (
    <li>
      {document.mediaType === PDF ? <FilePdfOutlined className="bk-document-icon" aria-hidden="true" /> : <FileOutlined className="bk-document-icon" aria-hidden="true" />}
      <div className="bk-document-facts">
        <strong>{name}</strong>
        <span className="bk-secondary">{[sizeText(document.sizeBytes), document.pages === null ? '' : t('bids.parts.pages', { count: document.pages })].filter((text) => text !== '').join(' · ')}</span>
      </div>
      {document.signature ? <ToneTag tone="ok"><SafetyCertificateOutlined aria-hidden="true" /> {t('bids.parts.signedBy', { name: document.signature.signer.subjectCommonName })}</ToneTag> : <ToneTag tone="plain">{t('bids.parts.unsigned')}</ToneTag>}
      <div className="bk-row-buttons">
        {document.mediaType === PDF ? <Button size="small" icon={<EyeOutlined />} aria-label={t('bids.parts.previewOf', { name })} onClick={() => onPreview(document)}>{t('bids.parts.preview')}</Button> : null}
        <Button size="small" type="text" icon={<ArrowUpOutlined />} disabled={position === 0 || move.running} aria-label={t('parts.up', { name })} onClick={() => void move.run(position - 1)} />
        <Button size="small" type="text" icon={<ArrowDownOutlined />} disabled={last || move.running} aria-label={t('parts.down', { name })} onClick={() => void move.run(position + 1)} />
        {document.generated ? null : <Button size="small" type="text" icon={<EditOutlined />} aria-label={t('bids.parts.renameOf', { name })} onClick={() => setOpen('rename')} />}
        {document.generated ? null : <Button size="small" type="text" icon={<SwapOutlined />} aria-label={t('bids.parts.replaceOf', { name })} onClick={() => setOpen('replace')} />}
        <Popconfirm title={t('bids.parts.removeAsk', { name })} description={t('bids.parts.removeMeaning')} okText={t('bids.parts.removeYes')} cancelText={t('common.cancel')} onConfirm={() => void remove.run()}>
          <Button size="small" type="text" danger icon={<DeleteOutlined />} loading={remove.running} aria-label={t('bids.parts.removeOf', { name })} />
        </Popconfirm>
      </div>
      {move.error ?? remove.error ? <ErrorPanel error={move.error ?? remove.error} /> : null}
      <Modal open={open === 'rename'} title={t('bids.parts.renameOf', { name })} footer={null} className="bk-dialog" onCancel={() => setOpen(null)} destroyOnHidden>
        <NameForm label={t('bids.parts.nameInBid')} initial={name} okText={t('bids.parts.renameYes')} running={rename.running} error={rename.error} onSubmit={(next) => void rename.run(next)} />
      </Modal>
      <Modal open={open === 'replace'} title={t('bids.parts.replaceOf', { name })} footer={null} className="bk-dialog" onCancel={() => setOpen(null)} destroyOnHidden>
        <p className="bk-secondary">{t('bids.parts.replaceMeaning')}</p>
        <AddFiles label={name} several={false} onFile={replace} />
      </Modal>
    </li>
  );
}

function Preview({ project, document, onClose }: { project: BidProject; document: BidDocument | null; onClose: () => void }) {
  const { t } = useTranslation();
  const engine = useEngine();
  return (
    <Drawer open={document !== null} onClose={onClose} title={document ? t('bids.parts.previewOf', { name: document.name }) : ''} size={960} destroyOnHidden>
      {document ? <PdfPreview name={document.name} read={(offset, length) => engine.call('bids.readDocument', { projectId: project.id, documentId: document.id, offset, length })} /> : null}
    </Drawer>
  );
}
