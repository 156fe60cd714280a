/** Why a driver does not serve, and what to do: missing (which file, from where), wrong processor, failed to load, crashed. */
import { useTranslation } from 'react-i18next';
import type { DriverState } from '#shared/contract/desktop/tokens.ts';
import type { ErrorDetails } from '#shared/errors/error-row.ts';
import { isErrorCode } from '#shared/errors/error-table.ts';
import { useErrorText } from '../lib/error-text.ts';
import { ErrorFacts } from './error-facts.tsx';

export function DriverAdvice({ driver, vendor }: { driver: DriverState; vendor: string }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  if (driver.status === 'ready') return <span className="bk-ok">{t('drivers.ready')}</span>;
  if (driver.status === 'starting') return <span>{t('drivers.starting')}</span>;
  const code = isErrorCode(driver.errorCode) ? driver.errorCode : driver.status === 'missing' ? 'DRIVER_NOT_FOUND' : 'DRIVER_LOAD_FAILED';
  const text = errorText(code);
  return (
    <div className="bk-driver-advice">
      <p><strong>{text.title}</strong> {text.cause}</p>
      <ErrorFacts details={driver.errorDetails as ErrorDetails} />
      <p>{code === 'DRIVER_NOT_FOUND' ? t('drivers.whereFrom', { vendor }) : text.next}</p>
    </div>
  );
}
