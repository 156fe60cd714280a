/** 我的申请: everything that was asked of the CA, newest first, with its state. */
import { FileDoneOutlined, ReloadOutlined } from '@ant-design/icons';
import { Button, Select, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { REQUEST_KINDS, type RequestKind } from '#shared/contract/rest/orders.ts';
import type { Request } from '#shared/contract/rest/requests.ts';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { Pager } from '../../../components/pager.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { commonNameOf } from '../../../lib/distinguished-name.ts';
import { useRequestPage } from '../../../lib/request-queries.ts';
import { RequestStateTag } from './request-state-tag.tsx';

export function RequestsPage() {
  const { t } = useTranslation();
  const [kind, setKind] = useState<RequestKind | null>(null);
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const list = useRequestPage(kind, cursors.at(-1) ?? null);
  const columns = useColumns();
  const next = list.data?.next ?? null;
  return (
    <Page title={t('requests.title')} lead={t('requests.lead')} actions={<Button icon={<ReloadOutlined />} loading={list.isFetching} onClick={() => void list.refetch()}>{t('common.refresh')}</Button>}>
      <Section label={t('requests.title')}>
        <Select<RequestKind | 'all'> className="bk-narrow-select" aria-label={t('requests.kindFilter')} value={kind ?? 'all'}
          onChange={(value) => { setKind(value === 'all' ? null : value); setCursors([]); }}
          options={[{ value: 'all', label: t('requests.allKinds') }, ...REQUEST_KINDS.map((value) => ({ value, label: t(`pending.kind.${value}`) }))]} />
        {list.error ? <ErrorPanel error={list.error} onRetry={() => void list.refetch()} /> : null}
        {list.isPending ? <Loading /> : null}
        {list.data?.items.length === 0 && cursors.length === 0 ? <EmptyState icon={<FileDoneOutlined />} title={t('requests.none')} hints={[t('requests.noneHint')]} /> : null}
        {list.data && list.data.items.length > 0 ? <Table<Request> rowKey="id" columns={columns} dataSource={list.data.items} pagination={false} scroll={{ x: 'max-content' }} /> : null}
        <Pager label={t('requests.pages')} cursors={cursors} next={next} onCursors={setCursors} />
      </Section>
    </Page>
  );
}

function useColumns(): TableColumnsType<Request> {
  const { t } = useTranslation();
  return [
    { title: t('requests.columns.request'), key: 'request', render: (_, row) => <div className="bk-wrap-cell"><strong>{t(`pending.kind.${row.kind}`)}</strong><div className="bk-secondary bk-mono">{row.number}</div></div> },
    { title: t('requests.columns.holder'), key: 'holder', render: (_, row) => <div className="bk-wrap-cell">{row.subject?.commonName ?? (row.certificateSubject === null ? '' : commonNameOf(row.certificateSubject))}<div className="bk-secondary">{row.projectName}</div></div> },
    { title: t('requests.columns.time'), dataIndex: 'createdAtUtc', render: (utc: string) => <span className="bk-nowrap">{beijingTime(utc)}</span> },
    { title: t('requests.columns.state'), key: 'state', render: (_, row) => <RequestStateTag state={row.state} /> },
    { title: t('requests.columns.action'), key: 'action', fixed: 'right', render: (_, row) => <Link to={row.kind === 'new-issue' ? '/pending' : `/requests/${row.id}`}>{t('requests.look')}</Link> },
  ];
}
