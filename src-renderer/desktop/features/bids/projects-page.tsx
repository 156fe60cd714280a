/** 投标工具: the bid projects of this machine, and the ways to begin one; beside them what else the bid tool does. */
import { FileAddOutlined, FileProtectOutlined, FolderOpenOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Dropdown, Modal, Popconfirm, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { useQueryClient } from '@tanstack/react-query';
import type { BidProjectSummary } from '#shared/contract/desktop/bids.ts';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { ToneTag } from '../../../components/tone-tag.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { BID_KEYS, useBidProjects, useKeep } from '../../../lib/bid-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { useAction } from '../../../lib/use-action.ts';
import { NameForm } from './name-form.tsx';
import { NewProject } from './new-project.tsx';
import './bids.css';

export function ProjectsPage() {
  const { t } = useTranslation();
  const [state, setState] = useState<'open' | 'archived'>('open');
  const [making, setMaking] = useState<'from-tender' | 'without' | null>(null);
  const projects = useBidProjects();
  const shown = (projects.data ?? []).filter((project) => project.state === state);
  return (
    <Page
      title={t('bids.title')}
      lead={t('bids.lead')}
      actions={<><Button icon={<PlusOutlined />} onClick={() => setMaking('without')}>{t('bids.new.without')}</Button><Button type="primary" icon={<FileAddOutlined />} onClick={() => setMaking('from-tender')}>{t('bids.new.fromTender')}</Button></>}
    >
      <nav className="bk-bid-ways" aria-label={t('bids.ways.label')}>
        {WAYS.map(({ name, to }) => <Link key={name} to={to} className="bk-bid-way"><strong>{t(`bids.ways.${name}.title`)}</strong><span className="bk-secondary">{t(`bids.ways.${name}.meaning`)}</span></Link>)}
      </nav>
      <Section title={t('bids.list.title')} extra={<Segmented aria-label={t('bids.list.filter')} value={state} onChange={setState} options={(['open', 'archived'] as const).map((value) => ({ value, label: t(`bids.list.${value}`) }))} />}>
        {projects.error ? <ErrorPanel error={projects.error} onRetry={() => void projects.refetch()} /> : null}
        {projects.isPending ? <Loading /> : null}
        {projects.isSuccess && shown.length === 0 ? <EmptyState icon={<FolderOpenOutlined />} title={state === 'open' ? t('bids.list.none') : t('bids.list.noneArchived')} hints={state === 'open' ? [t('bids.list.hintTender'), t('bids.list.hintWithout')] : []} /> : null}
        <ul className="bk-plain-list bk-projects">{shown.map((project) => <ProjectRow key={project.id} project={project} />)}</ul>
      </Section>
      <NewProject way={making} onClose={() => setMaking(null)} />
    </Page>
  );
}

const WAYS = [{ name: 'rehearse', to: '/rehearse' }, { name: 'answer', to: '/answer-challenge' }, { name: 'ledger', to: '/ledger' }, { name: 'opening', to: '/opening' }, { name: 'tender', to: '/tender' }] as const;

function ProjectRow({ project }: { project: BidProjectSummary }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const keep = useKeep();
  const navigate = useNavigate();
  const [copying, setCopying] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: [...BID_KEYS.projects, 'list'] });
  const archive = useAction(async () => keep.project(await engine.call('bids.setArchived', { projectId: project.id, archived: project.state === 'open' })));
  const remove = useAction(async () => {
    await engine.call('bids.remove', { projectId: project.id });
    await refresh();
  });
  const copy = useAction(async (name: string) => {
    const made = await engine.call('bids.copy', { projectId: project.id, name });
    keep.project(made);
    setCopying(false);
    await navigate(`/bids/${made.id}`);
  });
  const complete = project.partsDone === project.partsRequired;
  return (
    <li>
      <FileProtectOutlined className="bk-project-icon" aria-hidden="true" />
      <div className="bk-project-facts">
        <Link to={`/bids/${project.id}`} className="bk-strong-link">{project.name}</Link>
        <span className="bk-secondary">{[project.tenderTitle, project.tenderId, project.lot].filter((text) => text !== '').join(' · ')}</span>
        <span className="bk-secondary">{project.opensAtUtc === null ? t('bids.list.noTime') : t('bids.list.opens', { time: beijingTime(project.opensAtUtc) })}</span>
      </div>
      <div className="bk-project-state">
        <ToneTag tone={complete ? 'ok' : 'info'}>{t('bids.list.parts', { done: project.partsDone, all: project.partsRequired })}</ToneTag>
        {project.sealedForOlderTender ? <ToneTag tone="warn">{t('tenderUpdate.older.listTag')}</ToneTag> : project.sealedCount > 0 ? <ToneTag tone="ok">{t('bids.list.sealed', { count: project.sealedCount })}</ToneTag> : null}
      </div>
      <div className="bk-actions">
        {project.state === 'open' ? <Button onClick={() => void navigate(`/bids/${project.id}`)} aria-label={t('bids.list.openOf', { name: project.name })}>{t('bids.list.openIt')}</Button> : null}
        <Dropdown trigger={['click']} menu={{ items: [{ key: 'copy', label: t('bids.list.copy'), onClick: () => setCopying(true) }, { key: 'archive', label: project.state === 'open' ? t('bids.list.archive') : t('bids.list.unarchive'), onClick: () => void archive.run() }] }}>
          <Button aria-label={t('bids.list.moreOf', { name: project.name })}>{t('bids.list.more')}</Button>
        </Dropdown>
        {project.state === 'archived' ? <Popconfirm title={t('bids.list.removeAsk')} description={t('bids.list.removeMeaning')} okText={t('bids.list.remove')} cancelText={t('common.cancel')} onConfirm={() => void remove.run()}><Button danger loading={remove.running}>{t('bids.list.remove')}</Button></Popconfirm> : null}
      </div>
      {archive.error ?? remove.error ? <ErrorPanel error={archive.error ?? remove.error} /> : null}
      <Modal open={copying} title={t('bids.list.copyTitle')} footer={null} onCancel={() => setCopying(false)} className="bk-dialog" destroyOnHidden>
        <p className="bk-secondary">{t('bids.list.copyMeaning')}</p>
        <NameForm label={t('bids.new.name')} initial={t('bids.list.copyOf', { name: project.name })} okText={t('bids.list.copy')} running={copy.running} error={copy.error} onSubmit={(name) => void copy.run(name)} />
      </Modal>
    </li>
  );
}
