/** 开标: opening sessions of this machine; a new one over a folder of bids or over one bid. */
import { FolderOpenOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Input, Modal, Progress } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { PathField } from '../../../components/path-field.tsx';
import { ToneTag } from '../../../components/tone-tag.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { useKeep, useOpenings } from '../../../lib/bid-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { useAction } from '../../../lib/use-action.ts';
import './opening.css';

const TONES = { open: 'info', running: 'notice', finished: 'ok' } as const;

export function OpeningsPage() {
  const { t } = useTranslation();
  const [making, setMaking] = useState(false);
  const openings = useOpenings();
  return (
    <Page title={t('opening.title')} lead={t('opening.lead')} actions={<Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>{t('opening.new')}</Button>}>
      <Section label={t('opening.title')}>
        {openings.error ? <ErrorPanel error={openings.error} onRetry={() => void openings.refetch()} /> : null}
        {openings.isPending ? <Loading /> : null}
        {openings.data?.length === 0 ? <EmptyState icon={<FolderOpenOutlined />} title={t('opening.none')} hints={[t('opening.hintFolder'), t('opening.hintResume')]} /> : null}
        <ul className="bk-plain-list bk-openings">
          {openings.data?.map((one) => (
            <li key={one.id}>
              <div><Link to={`/opening/${one.id}`} className="bk-strong-link">{one.name}</Link><div className="bk-secondary">{beijingTime(one.createdAtUtc)} · {one.folder}</div></div>
              <Progress percent={one.total === 0 ? 0 : Math.floor((one.opened / one.total) * 100)} format={() => `${one.opened}/${one.total}`} aria-label={t('opening.progress', { opened: one.opened, total: one.total })} />
              <ToneTag tone={TONES[one.state]}>{t(`opening.state.${one.state}`)}</ToneTag>
            </li>
          ))}
        </ul>
      </Section>
      <Modal open={making} title={t('opening.new')} footer={null} width={720} className="bk-dialog" onCancel={() => setMaking(false)} destroyOnHidden><NewOpening /></Modal>
    </Page>
  );
}

function NewOpening() {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [folder, setFolder] = useState('');
  const [outFolder, setOutFolder] = useState('');
  const create = useAction(async () => {
    const made = await engine.call('openings.create', { name: name.trim(), folder: folder.trim(), outFolder: outFolder.trim() });
    keep.opening(made);
    await navigate(`/opening/${made.id}`);
  });
  const choose = (next: string) => {
    setFolder(next);
    if (outFolder === '' || outFolder === openedBeside(folder)) setOutFolder(openedBeside(next));
  };
  const ready = name.trim() !== '' && folder.trim() !== '' && outFolder.trim() !== '';
  return (
    <form className="bk-form" onSubmit={(event) => { event.preventDefault(); if (ready) void create.run(); }}>
      <div className="bk-field"><label htmlFor="opening-name">{t('opening.name')}</label><Input id="opening-name" autoFocus value={name} maxLength={200} placeholder={t('opening.namePlaceholder')} onChange={(event) => setName(event.target.value)} /></div>
      <PathField label={t('opening.folder')} wanted="folder" value={folder} hint={t('opening.folderHint')} onChange={choose} />
      <PathField label={t('opening.outFolder')} wanted="folder" value={outFolder} hint={t('opening.outFolderHint')} onChange={setOutFolder} />
      {create.error ? <ErrorPanel error={create.error} /> : null}
      <div className="bk-actions"><Button type="primary" size="large" htmlType="submit" disabled={!ready} loading={create.running}>{t('opening.begin')}</Button></div>
    </form>
  );
}

/** Beside the bids, not among them: opened documents must not be taken for uploads. */
function openedBeside(folder: string): string {
  const plain = folder.trim().replace(/[\\/]+$/, '').replace(/\.bid$/i, '');
  return plain === '' ? '' : `${plain}-opened`;
}
