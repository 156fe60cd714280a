/** Address of the CA service, with a check after saving: name of the service, or why it cannot be reached. */
import { Alert, Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import type { CaStatus, Settings } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { isErrorCode } from '#shared/errors/error-table.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Section } from '../../../components/page.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { QUERY_KEYS } from '../../../lib/queries.ts';
import { useAction } from '../../../lib/use-action.ts';

const ADDRESS = /^https?:\/\/[^\s]+$/;

export function CaAddress({ settings, inUse }: { settings: Settings; inUse: string | null }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const [address, setAddress] = useState(settings.caBaseUrl ?? '');
  const [checked, setChecked] = useState<CaStatus | null>(null);
  const trimmed = address.trim();
  const valid = trimmed === '' || ADDRESS.test(trimmed);

  const check = useAction(async () => {
    setChecked(null);
    const saved = await engine.call('settings.update', { caBaseUrl: trimmed === '' ? null : trimmed });
    client.setQueryData(QUERY_KEYS.settings, saved);
    const status = await engine.call('app.caStatus', undefined);
    client.setQueryData(QUERY_KEYS.caStatus, status);
    void client.invalidateQueries({ queryKey: QUERY_KEYS.appInfo });
    void client.invalidateQueries({ queryKey: QUERY_KEYS.session });
    setChecked(status);
  });

  return (
    <Section title={t('settings.ca.title')}>
      <form className="bk-form" onSubmit={(event) => { event.preventDefault(); if (valid) void check.run(); }}>
        <div className="bk-field">
          <label htmlFor="ca-address">{t('settings.ca.label')}</label>
          <div className="bk-inline">
            <Input id="ca-address" value={address} placeholder="https://ca.example.cn" status={valid ? '' : 'error'} aria-invalid={!valid} aria-describedby="ca-address-hint" maxLength={512} spellCheck={false} onChange={(event) => setAddress(event.target.value)} />
            <Button htmlType="submit" type="primary" disabled={!valid} loading={check.running}>{t('settings.ca.check')}</Button>
          </div>
          <p id="ca-address-hint" className={valid ? 'bk-secondary' : 'bk-bad'}>{valid ? t('settings.ca.hint', { address: inUse ?? t('settings.ca.noAddress') }) : t('settings.ca.invalid')}</p>
        </div>
      </form>
      <div aria-live="polite">
        {check.error ? <ErrorPanel error={check.error} /> : null}
        {checked?.reachable ? <Alert type="success" showIcon title={t('settings.ca.reachable', { name: checked.info?.name ?? '', version: checked.info?.version ?? '' })} /> : null}
        {checked && !checked.reachable ? <ErrorPanel error={new AppError(isErrorCode(checked.errorCode) ? checked.errorCode : 'CA_UNREACHABLE')} /> : null}
      </div>
    </Section>
  );
}
