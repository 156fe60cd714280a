/** Days left of a certificate, in the colour and the words of its level. Colour is never the only sign. */
import { useTranslation } from 'react-i18next';
import { validityAt, type ExpiryLevel } from '../lib/days-left.ts';
import { ToneTag, type Tone } from './tone-tag.tsx';

const LEVEL_TONES: Record<ExpiryLevel, Tone> = { none: 'ok', low: 'notice', medium: 'warn', high: 'bad', urgent: 'bad', expired: 'bad', 'not-yet': 'plain' };

export function ValidityTag({ notBeforeUtc, notAfterUtc }: { notBeforeUtc: string; notAfterUtc: string }) {
  const { t } = useTranslation();
  const { level, daysLeft } = validityAt(notBeforeUtc, notAfterUtc, Date.now());
  return <ToneTag tone={LEVEL_TONES[level]}>{t(`validity.${level}`, { count: daysLeft })}</ToneTag>;
}
