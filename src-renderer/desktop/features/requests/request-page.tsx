/** One request: where it stands, what it says, what the person can do now, and what happened to it. */
import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { Request } from '#shared/contract/rest/requests.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { useProjects, useRequest } from '../../../lib/request-queries.ts';
import { changeKindOf } from './draft-choices.ts';
import { RequestActions } from './request-actions.tsx';
import { RequestFacts } from './request-facts.tsx';
import { RequestMaterials } from './request-materials.tsx';
import { RequestProgress } from './request-progress.tsx';
import { RequestStateTag } from './request-state-tag.tsx';
import { SubjectForm } from './subject-form.tsx';

export function RequestPage() {
  const { t } = useTranslation();
  const found = useRequest(useParams().requestId ?? '');
  const request = found.data ?? null;
  return (
    <Page title={request ? t(`services.${request.kind as Exclude<Request['kind'], 'new-issue'>}.title`) : t('requests.one')} lead={<Link to="/requests">{t('requests.title')}</Link>}>
      {found.error ? <ErrorPanel error={found.error} onRetry={() => void found.refetch()} /> : null}
      {found.isPending ? <Loading /> : null}
      {request ? <RequestSections request={request} /> : null}
    </Page>
  );
}

const EDITABLE = new Set<Request['state']>(['draft', 'rejected']);

function RequestSections({ request }: { request: Request }) {
  const { t } = useTranslation();
  const project = useProjects().data?.items.find((one) => one.id === request.projectId) ?? null;
  const changeKind = changeKindOf(project, request.changeKindId);
  const editable = EDITABLE.has(request.state);
  return (
    <>
      <Section title={<>{t('requests.number', { number: request.number })} <RequestStateTag state={request.state} /></>}>
        <RequestProgress request={request} />
        {request.state === 'rejected' ? <Alert type="error" showIcon title={t('requests.rejected')} description={request.rejectionReason ?? ''} /> : null}
        <p className="bk-secondary" role="status" aria-live="polite">{t(`requests.stateMeaning.${request.state}`)}</p>
        {request.expiresAtUtc === null ? null : <p className="bk-secondary">{t('requests.expires', { time: beijingTime(request.expiresAtUtc) })}</p>}
      </Section>
      <Section title={t('requests.content')}><RequestFacts request={request} changeKind={changeKind} /></Section>
      {changeKind && editable ? <SubjectForm key={request.version} request={request} changeKind={changeKind} /> : null}
      {changeKind ? <RequestMaterials request={request} changeKind={changeKind} editable={editable} /> : null}
      <RequestActions request={request} changeKind={changeKind} />
      <History request={request} />
    </>
  );
}

function History({ request }: { request: Request }) {
  const { t } = useTranslation();
  return (
    <Section title={t('requests.history.title')}>
      <ol className="bk-history">
        {request.history.map((entry, index) => (
          <li key={index}>
            <span className="bk-nowrap bk-secondary">{beijingTime(entry.atUtc)}</span>{' '}
            <span>{t('requests.history.entry', { actor: t(`requests.history.actor.${entry.actor}`), state: t(`requests.state.${entry.to}`) })}</span>
            {entry.reason === null ? null : <span className="bk-secondary"> {entry.reason}</span>}
          </li>
        ))}
      </ol>
    </Section>
  );
}
