/** A deed under way: steps by name, what to do if it stops, and – handed in by the page – its result. */
import { Alert, Button, Popconfirm } from 'antd';
import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import { useEngine } from '../lib/engine.tsx';
import { sameKey } from '../lib/key-name.ts';
import { QUERY_KEYS, useDeed, useTokens } from '../lib/queries.ts';
import { useAction } from '../lib/use-action.ts';
import { DeedSteps } from './deed-steps.tsx';
import { ErrorPanel } from './error-panel.tsx';
import { InterruptedDeed } from './interrupted-deed.tsx';
import { KeyLine } from './key-line.tsx';
import { Loading } from './loading.tsx';
import { Section } from './page.tsx';

interface RunningDeedProps {
  readonly deedId: string;
  readonly result: (deed: Deed) => ReactNode;
  readonly onCancelled: () => void;
}

export function RunningDeed({ deedId, result, onCancelled }: RunningDeedProps) {
  const { t } = useTranslation();
  const found = useDeed(deedId);
  const deed = found.data;
  const token = useTokens().data?.tokens.find((candidate) => deed !== undefined && sameKey(candidate.ref, deed.token)) ?? null;
  useKeepOpen(deed?.state === 'running');
  // What happens now stands at the top: keyboard, screen reader and window go there with every change of state.
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => {
    top.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [deed?.state]);

  if (found.error && !deed) return <ErrorPanel error={found.error} onRetry={() => void found.refetch()} />;
  if (!deed) return <Loading />;
  if (deed.state === 'completed') return result(deed);
  return (
    <div ref={top} tabIndex={-1} className="bk-focus-target">
      <Section title={deed.state === 'running' ? t('issue.running.title') : deed.state === 'cancelled' ? t('deeds.state.cancelled') : t('issue.running.interrupted')}>
        <div className="bk-stack">
          {token ? <KeyLine token={token} /> : null}
          {deed.state === 'running' ? <Alert type="info" showIcon title={t('issue.running.keepPlugged')} description={t('issue.running.safe')} /> : null}
          {deed.state === 'cancelled' ? <Alert type="info" showIcon title={t('deeds.cancelled')} action={<Button onClick={onCancelled}>{t('issue.running.again')}</Button>} /> : null}
          {deed.state === 'interrupted' ? <InterruptedDeed deed={deed} onCancelled={onCancelled} /> : null}
          <DeedSteps deed={deed} />
          {deed.state === 'running' && deed.cancellable ? <StopButton deed={deed} /> : null}
        </div>
      </Section>
    </div>
  );
}

/** Stops after the present step and gives the deed up; the engine has the key open, so no password is asked. */
function StopButton({ deed }: { deed: Deed }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const stop = useAction(async () => client.setQueryData(QUERY_KEYS.deed(deed.id), await engine.call('writing.cancel', { deedId: deed.id })));
  return (
    <div className="bk-actions">
      <Popconfirm title={t('deeds.cancelAsk')} description={t('deeds.cancelMeaning')} okText={t('deeds.cancelYes')} cancelText={t('deeds.cancelNo')} onConfirm={() => void stop.run()}>
        <Button loading={stop.running}>{t('deeds.stop')}</Button>
      </Popconfirm>
      {stop.error ? <ErrorPanel error={stop.error} /> : null}
    </div>
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
