/** What one of several files of a bid is called: as it was sealed, or after which re-wrap, with the time that the file itself says. */
import { useTranslation } from 'react-i18next';
import type { BidGeneration } from '#shared/contract/desktop/ledger.ts';
import { beijingTime } from '../../../lib/beijing-time.ts';

export function useGenerationTitle(): (generation: Pick<BidGeneration, 'rewraps' | 'madeAtUtc'>) => string {
  const { t } = useTranslation();
  return ({ rewraps, madeAtUtc }) => (rewraps === 0 ? t('ledger.generation.sealed', { time: beijingTime(madeAtUtc) }) : t('ledger.generation.rewrapped', { number: rewraps, time: beijingTime(madeAtUtc) }));
}
