/** What a group of openers is called: the two names that every bid knows in the person's language, others as they stand in the file. */
import { useTranslation } from 'react-i18next';

export function useGroupTitle(): (group: string) => string {
  const { t } = useTranslation();
  return (group) => (group === 'bidder' ? t('bids.group.bidder') : group === 'tenderer' ? t('bids.group.tenderer') : group);
}
