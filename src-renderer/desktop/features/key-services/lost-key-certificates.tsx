/** For a lost or broken key: the certificates of the account, without any key. */
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Section } from '../../../components/page.tsx';
import { ValidityTag } from '../../../components/validity-tag.tsx';
import { commonNameOf } from '../../../lib/distinguished-name.ts';
import { useSession } from '../../../lib/queries.ts';
import { useBindings } from '../../../lib/request-queries.ts';
import type { ServiceKind } from './service-kinds.ts';

export function LostKeyCertificates({ kind }: { kind: ServiceKind }) {
  const { t } = useTranslation();
  const account = useSession().data ?? null;
  const bindings = useBindings(account !== null);
  // Only what this service issued to the account can be asked for here.
  const issued = (bindings.data?.items ?? []).filter((binding) => binding.source === 'issued');
  return (
    <Section title={t('services.lost.title')}>
      <p className="bk-secondary">{t('services.lost.lead')}</p>
      {account === null ? <p><Link to={`/login?next=${encodeURIComponent(`/service/${kind}`)}`}>{t('services.signInByAccount')}</Link></p> : null}
      {bindings.error ? <ErrorPanel error={bindings.error} onRetry={() => void bindings.refetch()} /> : null}
      {account !== null && bindings.isPending ? <Loading /> : null}
      {bindings.data && issued.length === 0 ? <p>{t('services.lost.none')}</p> : null}
      <ul className="bk-service-rows">
        {issued.map((binding) => (
          <li key={binding.id}>
            <div>
              <p><strong>{commonNameOf(binding.subject)}</strong> <ValidityTag notBeforeUtc={binding.notBeforeUtc} notAfterUtc={binding.notAfterUtc} /></p>
              <p className="bk-secondary">{t('services.serial')} <span className="bk-mono">{binding.serialHex}</span></p>
            </div>
            <div className="bk-service-action"><Link to={`/apply/${kind}/${binding.serialHex}`} className="bk-button-link">{t(`services.${kind}.act`)}</Link></div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
