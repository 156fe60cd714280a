/** What is being written, beside the form: remaining keys in large, then the order. */
import { useTranslation } from 'react-i18next';
import { beijingTime } from '../../../lib/beijing-time.ts';
import type { PendingRow } from '../../../lib/queries.ts';

export function OrderSummary({ row, remaining }: { row: PendingRow; remaining: number }) {
  const { t } = useTranslation();
  const facts = [
    [t('issue.order.company'), row.companyName],
    [t('issue.order.project'), row.projectName],
    [t('issue.order.service'), row.orderName],
    [t('issue.order.years'), t('pending.years', { count: row.years })],
    [t('issue.order.number'), row.orderNumber],
    [t('issue.order.time'), beijingTime(row.orderedAtUtc)],
  ];
  return (
    <aside className="bk-section bk-order" aria-label={t('issue.order.label')}>
      <p className="bk-remaining" aria-live="polite">
        <span>{t('issue.remaining')}</span>
        <strong>{remaining}</strong>
        <span className="bk-secondary">{t('issue.remainingOf', { count: row.quantity })}</span>
      </p>
      <dl className="bk-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}
