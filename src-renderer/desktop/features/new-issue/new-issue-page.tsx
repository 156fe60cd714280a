/** 制证: one key after the other for one order line. Form → password → progress → result → next key. */
import { SafetyCertificateOutlined } from '@ant-design/icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { TokenRef } from '#shared/contract/desktop/tokens.ts';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { usePendingWriting, type PendingRow } from '../../../lib/queries.ts';
import { NewIssueDeed } from './new-issue-deed.tsx';
import { NewIssueForm } from './new-issue-form.tsx';
import { OrderSummary } from './order-summary.tsx';

export function NewIssuePage() {
  const { t } = useTranslation();
  const requestId = useParams().requestId ?? '';
  const found = usePendingWriting(requestId, true);
  // The line leaves the list when writing has begun for its last key; this page goes on with what it knew.
  const [known, setKnown] = useState<PendingRow | null>(null);
  if (found.data && found.data !== known) setKnown(found.data);

  if (known !== null) return <NewIssue key={requestId} row={known} leftTheList={found.data === null} />;
  return (
    <Page title={t('issue.title')}>
      {found.error ? <ErrorPanel error={found.error} onRetry={() => void found.refetch()} /> : null}
      {found.isPending ? <Loading /> : null}
      {found.data === null ? (
        <Section label={t('issue.title')}>
          <EmptyState icon={<SafetyCertificateOutlined />} title={t('issue.gone.title')} hints={[t('issue.gone.hint')]}>
            <Link to="/pending">{t('issue.backToList')}</Link>
          </EmptyState>
        </Section>
      ) : null}
    </Page>
  );
}

/** A writing that this page began. */
interface Begun {
  readonly deedId: string;
  readonly token: TokenRef;
  /** What was on the key before, so that the result shows the new pair only. */
  readonly fingerprintsBefore: readonly string[];
}

function NewIssue({ row, leftTheList }: { row: PendingRow; leftTheList: boolean }) {
  const { t } = useTranslation();
  const [begun, setBegun] = useState<Begun | null>(null);
  const [written, setWritten] = useState<readonly TokenRef[]>([]);
  // One code serves every key of the line; it stays in its field while this page is open, and nowhere else.
  const [code, setCode] = useState('');
  const [modelId, setModelId] = useState<string | null>(null);
  const remaining = leftTheList ? 0 : row.remainingQuantity;

  return (
    <Page title={t('issue.title')} lead={<Link to="/pending">{t('issue.backToList')}</Link>}>
      <div className="bk-issue">
        <div className="bk-stack">
          {begun === null ? (
            <NewIssueForm
              row={row}
              remaining={remaining}
              written={written}
              modelId={modelId}
              onModel={setModelId}
              code={code}
              onCode={setCode}
              onBegun={setBegun}
            />
          ) : (
            <NewIssueDeed
              deedId={begun.deedId}
              fingerprintsBefore={begun.fingerprintsBefore}
              remainingInList={remaining}
              onNextKey={() => {
                setWritten([...written, begun.token]);
                setBegun(null);
              }}
              onCancelled={() => setBegun(null)}
            />
          )}
        </div>
        <OrderSummary row={row} remaining={remaining} />
      </div>
    </Page>
  );
}
