/** 我的UKey: one card per plugged key, state first; below, the drivers of this computer. */
import { ReloadOutlined, UsbOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { QUERY_KEYS, useTokens } from '../../../lib/queries.ts';
import { useAction } from '../../../lib/use-action.ts';
import { DriverTable } from './driver-table.tsx';
import { KeyCard } from './key-card.tsx';

export function MyKeysPage() {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const tokens = useTokens();
  const rescan = useAction(async () => client.setQueryData(QUERY_KEYS.tokens, await engine.call('tokens.rescan', undefined)));
  const error = rescan.error ?? tokens.error;
  return (
    <Page title={t('keys.title')} lead={t('keys.lead')} actions={<Button icon={<ReloadOutlined />} loading={rescan.running} onClick={() => void rescan.run()}>{t('drivers.rescan')}</Button>}>
      {error ? <ErrorPanel error={error} onRetry={() => void rescan.run()} /> : null}
      {tokens.isPending ? <Loading what={t('home.keys.looking')} /> : null}
      {tokens.data ? (
        <>
          <div className="bk-cards" aria-live="polite">
            {tokens.data.tokens.map((token) => <KeyCard key={`${token.ref.driverId} ${token.ref.serial}`} token={token} />)}
          </div>
          {tokens.data.tokens.length === 0 ? (
            <Section label={t('keys.title')}>
              <EmptyState icon={<UsbOutlined />} title={t('keys.none')} hints={[t('issue.key.hintNotice'), t('issue.key.hintOtherPort'), t('issue.key.hintOtherProgram'), t('keys.hintDriver')]} />
            </Section>
          ) : null}
          <DriverTable drivers={tokens.data.drivers} />
        </>
      ) : null}
    </Page>
  );
}
