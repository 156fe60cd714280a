/** What is needed less often than the four tiles, one line of ways: reissue, revocation, binding, requests, ledger, diagnosis. */
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

const WAYS = [
  { name: 'requests', to: '/requests' },
  { name: 'reissue', to: '/service/reissue' },
  { name: 'suspension', to: '/service/suspension' },
  { name: 'release', to: '/service/release' },
  { name: 'revocation', to: '/service/revocation' },
  { name: 'keyRecovery', to: '/service/key-recovery' },
  { name: 'bindings', to: '/bindings' },
  { name: 'changePin', to: '/keys' },
  { name: 'ledger', to: '/ledger' },
  { name: 'diagnosis', to: '/diagnosis' },
] as const;

export function FurtherServices() {
  const { t } = useTranslation();
  return (
    <nav className="bk-further" aria-label={t('furtherServices.label')}>
      {WAYS.map((way) => <Link key={way.name} to={way.to} className="bk-button-link">{t(`furtherServices.${way.name}`)}</Link>)}
    </nav>
  );
}
