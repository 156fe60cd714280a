/** Days left of a certificate, in the colour and the words of its level. Colour is never the only sign. */
import { Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { validityAt, type ExpiryLevel } from '../lib/days-left.ts';

const LEVEL_COLOURS: Record<ExpiryLevel, string> = { none: 'green', low: 'gold', medium: 'orange', high: 'volcano', urgent: 'red', expired: 'red', 'not-yet': 'default' };

export function ValidityTag({ notBeforeUtc, notAfterUtc }: { notBeforeUtc: string; notAfterUtc: string }) {
  const { t } = useTranslation();
  const { level, daysLeft } = validityAt(notBeforeUtc, notAfterUtc, Date.now());
  return <Tag color={LEVEL_COLOURS[level]} className="bk-tag">{t(`validity.${level}`, { count: daysLeft })}</Tag>;
}
