/** What needs attention, each with the place where it is settled: rehearsals that are due, CA, keys that run out or are locked, drivers that fail. */
import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { groupSerial } from '../../../lib/group-serial.ts';
import { useLedgerReminders } from '../../../lib/ledger-queries.ts';
import { useCaStatus, useTokens } from '../../../lib/queries.ts';
import { homeWarnings } from './list-warnings.ts';

export function HomeWarnings() {
  const { t } = useTranslation();
  const tokens = useTokens().data ?? null;
  const ca = useCaStatus().data ?? null;
  const warnings = homeWarnings(tokens, ca, Date.now());
  const due = (useLedgerReminders().data ?? []).filter(({ state }) => state === 'due');
  if (warnings.length + due.length === 0) return null;
  return (
    <section className="bk-warnings" aria-label={t('home.warnings.label')}>
      {due.map((reminder) => (
        <Alert
          key={`${reminder.sealId} ${reminder.kind}`}
          type="warning"
          showIcon
          title={t(`ledger.reminder.${reminder.kind}`, { tender: reminder.tenderName, time: beijingTime(reminder.openingTimeUtc) })}
          action={<Link to={`/rehearse?seal=${reminder.sealId}`}>{t('home.bids.rehearse')}</Link>}
        />
      ))}
      {warnings.map((warning) => (
        <Alert
          key={warning.key}
          type={warning.severe ? 'error' : 'warning'}
          showIcon
          title={t(`home.warnings.${warning.name}`, { count: warning.daysLeft, serial: groupSerial(warning.subject) })}
          action={<Link to={warning.to}>{t('home.warnings.look')}</Link>}
        />
      ))}
    </section>
  );
}
