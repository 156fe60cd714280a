/** 延期, 变更, 解锁, 补办, 挂失, 吊销: choose the key, sign in with it, then the certificates with what can be done for each (待处理证书). */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate, useParams } from 'react-router';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { ChoosePluggedKey } from '../../../components/choose-plugged-key.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { KeyLogin } from '../../../components/key-login.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { pinSeriousness } from '../../../lib/pin-tries.ts';
import { useSession } from '../../../lib/queries.ts';
import { useKeyRequests } from '../../../lib/request-queries.ts';
import { CertificatesWithActions } from './certificates-with-actions.tsx';
import { LostKeyCertificates } from './lost-key-certificates.tsx';
import { serviceKindOf, WITHOUT_KEY, type ServiceKind } from './service-kinds.ts';

export function ServicePage() {
  const kind = serviceKindOf(useParams().kind);
  return kind === null ? <Navigate to="/" replace /> : <Service key={kind} kind={kind} />;
}

function Service({ kind }: { kind: ServiceKind }) {
  const { t } = useTranslation();
  const [token, setToken] = useState<TokenSummary | null>(null);
  const account = useSession().data ?? null;
  return (
    <Page title={t(`services.${kind}.title`)} lead={t(`services.${kind}.lead`)} actions={<Link to="/requests" className="bk-button-link">{t('requests.title')}</Link>}>
      <Section number={1} title={t('services.chooseKey')}>
        <ChoosePluggedKey title={t('services.whichKey')} value={token} onChange={setToken} />
      </Section>
      {token && account === null ? <SignIn token={token} kind={kind} /> : null}
      {token && account !== null ? <WhatCanBeDone token={token} kind={kind} /> : null}
      {WITHOUT_KEY.has(kind) ? <LostKeyCertificates kind={kind} /> : null}
    </Page>
  );
}

function SignIn({ token, kind }: { token: TokenSummary; kind: ServiceKind }) {
  const { t } = useTranslation();
  const locked = pinSeriousness(token.pin) === 'locked';
  return (
    <Section number={2} title={t('services.signIn')}>
      <p className="bk-secondary">{locked ? t('services.signInLocked') : t('services.signInByKey')}</p>
      {locked ? null : <KeyLogin token={token} />}
      <p><Link to={`/login?next=${encodeURIComponent(`/service/${kind}`)}`}>{t('services.signInByAccount')}</Link></p>
    </Section>
  );
}

function WhatCanBeDone({ token, kind }: { token: TokenSummary; kind: ServiceKind }) {
  const { t } = useTranslation();
  const found = useKeyRequests(token.ref, true);
  return (
    <Section number={2} title={t('services.certificates')}>
      {found.error ? <ErrorPanel error={found.error} onRetry={() => void found.refetch()} /> : null}
      {found.isPending ? <Loading /> : null}
      {found.data ? <CertificatesWithActions kind={kind} found={found.data} token={token} /> : null}
    </Section>
  );
}
