/** 制作招标文件: tender packages being made, and a new one. */
import { FolderOpenOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Input, Modal, Popconfirm } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { useQueryClient } from '@tanstack/react-query';
import type { TenderSummary } from '#shared/contract/desktop/tenders.ts';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { ToneTag } from '../../../components/tone-tag.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { BID_KEYS, useKeep, useTenders } from '../../../lib/bid-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { useAction } from '../../../lib/use-action.ts';

export function TendersPage() {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const navigate = useNavigate();
  const tenders = useTenders();
  const [making, setMaking] = useState(false);
  const [title, setTitle] = useState('');
  const create = useAction(async () => {
    const made = await engine.call('tenders.create', { title: title.trim() });
    keep.tender(made);
    await navigate(`/tender/${made.id}`);
  });
  return (
    <Page title={t('tender.title')} lead={t('tender.lead')} actions={<Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>{t('tender.new')}</Button>}>
      <Section label={t('tender.title')}>
        {tenders.error ? <ErrorPanel error={tenders.error} onRetry={() => void tenders.refetch()} /> : null}
        {tenders.isPending ? <Loading /> : null}
        {tenders.data?.length === 0 ? <EmptyState icon={<FolderOpenOutlined />} title={t('tender.none')} hints={[t('tender.hint')]} /> : null}
        <ul className="bk-plain-list bk-openings">{tenders.data?.map((one) => <TenderRow key={one.id} tender={one} />)}</ul>
      </Section>
      <Modal open={making} title={t('tender.new')} footer={null} className="bk-dialog" onCancel={() => setMaking(false)} destroyOnHidden>
        <form className="bk-form" onSubmit={(event) => { event.preventDefault(); if (title.trim() !== '') void create.run(); }}>
          <div className="bk-field"><label htmlFor="tender-title">{t('bids.info.tenderTitle')}</label><Input id="tender-title" autoFocus value={title} maxLength={200} onChange={(event) => setTitle(event.target.value)} /></div>
          {create.error ? <ErrorPanel error={create.error} /> : null}
          <div className="bk-actions"><Button type="primary" htmlType="submit" disabled={title.trim() === ''} loading={create.running}>{t('tender.create')}</Button></div>
        </form>
      </Modal>
    </Page>
  );
}

function TenderRow({ tender }: { tender: TenderSummary }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const remove = useAction(async () => {
    await engine.call('tenders.remove', { draftId: tender.id });
    await client.invalidateQueries({ queryKey: [...BID_KEYS.tenders, 'list'] });
  });
  return (
    <li>
      <div><Link to={`/tender/${tender.id}`} className="bk-strong-link">{tender.title}</Link><div className="bk-secondary">{[tender.tenderId, tender.tenderer, tender.opensAtUtc === null ? t('bids.list.noTime') : t('bids.list.opens', { time: beijingTime(tender.opensAtUtc) })].filter((text) => text !== '').join(' · ')}</div></div>
      {tender.madeCount > 0 ? <ToneTag tone="ok">{t('tender.madeCount', { count: tender.madeCount })}</ToneTag> : <ToneTag tone="plain">{t('tender.draft')}</ToneTag>}
      <Popconfirm title={t('tender.removeAsk')} description={t('tender.removeMeaning')} okText={t('bids.list.remove')} cancelText={t('common.cancel')} onConfirm={() => void remove.run()}><Button danger loading={remove.running} aria-label={t('tender.removeOf', { name: tender.title })}>{t('bids.list.remove')}</Button></Popconfirm>
      {remove.error ? <ErrorPanel error={remove.error} /> : null}
    </li>
  );
}
