/** Whether the CA service can be reached, in the footer. */
import { useTranslation } from 'react-i18next';
import { useCaStatus } from '../../lib/queries.ts';

export function CaState() {
  const { t } = useTranslation();
  const status = useCaStatus();
  const state = status.isPending ? 'asking' : status.data?.reachable ? 'reachable' : status.data?.errorCode === 'CA_NOT_CONFIGURED' ? 'notConfigured' : 'unreachable';
  return (
    <span className={`bk-ca-state bk-ca-${state}`} role="status">
      <span className="bk-dot" aria-hidden="true" />
      {t(`frame.ca.${state}`, { name: status.data?.info?.name ?? '' })}
    </span>
  );
}
