/** A writing under way: steps by name, what to do if it stops, and its result. */
import { Alert } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { DeedSteps } from '../../../components/deed-steps.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { InterruptedDeed } from '../../../components/interrupted-deed.tsx';
import { KeyLine } from '../../../components/key-line.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Section } from '../../../components/page.tsx';
import { sameKey } from '../../../lib/key-name.ts';
import { useDeed, useTokens } from '../../../lib/queries.ts';
import { IssueResult } from './issue-result.tsx';

interface NewIssueDeedProps {
  readonly deedId: string;
  readonly fingerprintsBefore: readonly string[];
  readonly remainingInList: number;
  readonly onNextKey: () => void;
  readonly onCancelled: () => void;
}

export function NewIssueDeed({ deedId, fingerprintsBefore, remainingInList, onNextKey, onCancelled }: NewIssueDeedProps) {
  const { t } = useTranslation();
  const found = useDeed(deedId);
  const deed = found.data;
  const token = useTokens().data?.tokens.find((candidate) => deed !== undefined && sameKey(candidate.ref, deed.token)) ?? null;
  useKeepOpen(deed?.state === 'running');

  if (found.error && !deed) return <ErrorPanel error={found.error} onRetry={() => void found.refetch()} />;
  if (!deed) return <Loading />;
  if (deed.state === 'completed') return <IssueResult deed={deed} fingerprintsBefore={fingerprintsBefore} remaining={deed.remainingQuantity ?? remainingInList} onNextKey={onNextKey} />;
  return (
    <Section title={deed.state === 'running' ? t('issue.running.title') : t('issue.running.interrupted')}>
      <div className="bk-stack">
        {token ? <KeyLine token={token} /> : null}
        {deed.state === 'running' ? <Alert type="info" showIcon title={t('issue.running.keepPlugged')} description={t('issue.running.safe')} /> : null}
        {deed.state === 'interrupted' ? <InterruptedDeed deed={deed} onCancelled={onCancelled} /> : null}
        <DeedSteps deed={deed} />
      </div>
    </Section>
  );
}

/** Asks before the window is closed while a key is being written. Nothing would be lost, but the person would have to come back. */
function useKeepOpen(running: boolean) {
  useEffect(() => {
    if (!running) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [running]);
}
