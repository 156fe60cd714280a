/** 待制作证书: paid orders with keys still to write. */
import { InboxOutlined, MessageOutlined, ReloadOutlined } from '@ant-design/icons';
import { Button, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { Pager } from '../../../components/pager.tsx';
import { ToneTag } from '../../../components/tone-tag.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { yuan } from '../../../lib/money.ts';
import { useCaStatus, usePendingWritings, type PendingRow } from '../../../lib/queries.ts';

export function PendingWritingsPage() {
  const { t } = useTranslation();
  // Cursors of the pages before this one; the last is where this page begins.
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const list = usePendingWritings(cursors.at(-1) ?? null, true);
  const columns = useColumns();
  const next = list.data?.next ?? null;

  return (
    <Page title={t('pending.title')} lead={t('pending.lead')} actions={<><SandboxLink /><Button icon={<ReloadOutlined />} loading={list.isFetching} onClick={() => void list.refetch()}>{t('common.refresh')}</Button></>}>
      <Section label={t('pending.title')}>
        {list.error ? <ErrorPanel error={list.error} onRetry={() => void list.refetch()} /> : null}
        {list.isPending ? <Loading /> : null}
        {list.data && list.data.items.length === 0 && cursors.length === 0 ? <NothingPending /> : null}
        {list.data && (list.data.items.length > 0 || cursors.length > 0) ? (
          <>
            <Table<PendingRow> rowKey="requestId" columns={columns} dataSource={list.data.items} pagination={false} scroll={{ x: 'max-content' }} />
            <Pager label={t('pending.pages')} cursors={cursors} next={next} onCursors={setCursors} />
          </>
        ) : null}
      </Section>
    </Page>
  );
}

function useColumns(): TableColumnsType<PendingRow> {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return [
    {
      title: t('pending.columns.order'),
      key: 'order',
      render: (_, row) => (
        <div className="bk-wrap-cell">
          <strong>{row.orderName}</strong>
          <div className="bk-secondary">{row.projectName}</div>
          <div className="bk-secondary">{t('pending.number')} <span className="bk-mono">{row.orderNumber}</span></div>
        </div>
      ),
    },
    { title: t('pending.columns.company'), dataIndex: 'companyName', render: (name: string) => <div className="bk-wrap-cell">{name}</div> },
    { title: t('pending.columns.kind'), key: 'kind', render: (_, row) => <><ToneTag tone="info">{t(`pending.kind.${row.kind}`)}</ToneTag><div className="bk-secondary">{t(`pending.type.${row.certificateType}`)} · {t('pending.years', { count: row.years })}</div></> },
    { title: t('pending.columns.time'), dataIndex: 'orderedAtUtc', render: (utc: string) => <span className="bk-nowrap">{beijingTime(utc)}</span> },
    { title: t('pending.columns.price'), dataIndex: 'unitPriceFen', align: 'right', render: (fen: number) => <span className="bk-nowrap">{yuan(fen)}</span> },
    {
      title: t('pending.columns.remaining'),
      key: 'remaining',
      align: 'right',
      render: (_, row) => (
        <span className="bk-nowrap">
          <strong>{row.remainingQuantity}</strong> / {row.quantity}
          {row.openQuantity > 0 ? <div className="bk-warn">{t('pending.open', { count: row.openQuantity })}</div> : null}
        </span>
      ),
    },
    {
      title: t('pending.columns.action'),
      key: 'action',
      fixed: 'right',
      render: (_, row) => (
        <Button type="primary" disabled={row.remainingQuantity === 0} title={row.remainingQuantity === 0 ? t('pending.onlyOpen') : undefined} aria-label={t('pending.writeFor', { company: row.companyName, number: row.orderNumber })} onClick={() => void navigate(`/write/${row.requestId}`)}>
          {t('pending.write')}
        </Button>
      ),
    },
  ];
}

function NothingPending() {
  const { t } = useTranslation();
  return <EmptyState icon={<InboxOutlined />} title={t('pending.empty.title')} hints={[t('pending.empty.unpaid'), t('pending.empty.otherAccount'), t('pending.empty.begun')]} />;
}

/** In the sandbox the authorization code waits in a web page instead of a phone. */
function SandboxLink() {
  const { t } = useTranslation();
  const url = useCaStatus().data?.info?.sandbox?.url;
  return url ? <a className="bk-button-link" href={url} target="_blank" rel="noopener noreferrer"><MessageOutlined aria-hidden="true" /> {t('pending.sandbox')}</a> : null;
}
