/** A new request: what the person decides before the CA sees it. It is kept as a draft; materials and submission follow on its own page. */
import { Alert, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate, useNavigate, useParams, useSearchParams } from 'react-router';
import { useQueryClient } from '@tanstack/react-query';
import type { KeyCertificate, KeyRequests } from '#shared/contract/desktop/requests.ts';
import type { TokenRef } from '#shared/contract/desktop/tokens.ts';
import { REQUEST_KINDS, type RequestKind } from '#shared/contract/rest/orders.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { sameKey } from '../../../lib/key-name.ts';
import { useSession, useTokens } from '../../../lib/queries.ts';
import { keepRequest, useBindings, useKeyRequests, useProjects } from '../../../lib/request-queries.ts';
import { useAction } from '../../../lib/use-action.ts';
import { CertificateSummary } from './certificate-summary.tsx';
import { draftOf, EMPTY_CHOICES, missingChoices, type Choices, type DraftSubject, type Offer } from './draft-choices.ts';
import { RequestChoices } from './request-choices.tsx';

export function ApplyPage() {
  const params = useParams();
  const kind = REQUEST_KINDS.find((name) => name === params.kind) ?? null;
  const [search] = useSearchParams();
  const driver = search.get('driver');
  const serial = search.get('serial');
  const token = driver !== null && serial !== null ? { driverId: driver, serial } : null;
  if (kind === null || kind === 'new-issue' || params.subject === undefined) return <Navigate to="/" replace />;
  return <Apply key={`${kind} ${params.subject}`} kind={kind} about={params.subject} token={token} />;
}

/** @param about serial of the signing certificate; of the key for an unlock */
function Apply({ kind, about, token }: { kind: Exclude<RequestKind, 'new-issue'>; about: string; token: TokenRef | null }) {
  const { t } = useTranslation();
  const ofKey = useKeyRequests(token, true);
  const bindings = useBindings(true);
  const projects = useProjects();
  const plugged = useTokens().data?.tokens.find((one) => token !== null && sameKey(one.ref, token)) ?? null;
  const waiting = projects.isPending || (token === null ? bindings.isPending : ofKey.isPending);
  const error = projects.error ?? (token === null ? bindings.error : ofKey.error);
  const account = useSession().data ?? null;
  const certificate = certificateOf(ofKey.data ?? null, about);
  const projectId = certificate?.projectId ?? bindings.data?.items.find((binding) => binding.serialHex === about)?.projectId ?? ofKey.data?.certificates[0]?.projectId ?? null;
  const project = projects.data?.items.find((one) => one.id === projectId) ?? null;
  const action = [...(certificate?.actions ?? []), ...(ofKey.data?.keyActions ?? [])].find((one) => one.kind === kind);
  const offered = action?.items ?? project?.items.filter((item) => item.kind === kind) ?? [];
  // Persons and organisations have prices of their own.
  const fitting = offered.filter((item) => item.certificateType === account?.kind);
  const items = fitting.length > 0 ? fitting : offered;
  return (
    <Page title={t(`services.${kind}.title`)} lead={<Link to={`/service/${kind}`}>{t('requests.back')}</Link>}>
      {error ? <ErrorPanel error={error} /> : null}
      {waiting ? <Loading /> : null}
      {waiting || error ? null : <ApplyForm kind={kind} subject={{ about, tokenSerial: token?.serial ?? null, tokenModelId: plugged?.modelId ?? null }} certificate={certificate} offer={{ project, items }} />}
    </Page>
  );
}

function certificateOf(found: KeyRequests | null, serialHex: string): KeyCertificate | null {
  return found?.certificates.find(({ certificate }) => certificate.serialHex === serialHex) ?? null;
}

interface ApplyFormProps {
  readonly kind: Exclude<RequestKind, 'new-issue'>;
  readonly subject: DraftSubject;
  readonly certificate: KeyCertificate | null;
  readonly offer: Offer;
}

function ApplyForm({ kind, subject, certificate, offer }: ApplyFormProps) {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [choices, setChoices] = useState<Choices>(EMPTY_CHOICES);
  const missing = missingChoices(kind, choices, offer);
  const create = useAction(async () => {
    const request = await engine.call('requests.create', { draft: draftOf(kind, subject, choices, offer) });
    keepRequest(client, request);
    await navigate(`/requests/${request.id}`);
  });
  return (
    <>
      {certificate ? <Section title={t('requests.about')}><CertificateSummary certificate={certificate} /></Section> : null}
      <RequestChoices kind={kind} offer={offer} choices={choices} onChange={setChoices} />
      <Alert type="info" showIcon title={t(`requests.afterwards.${kind}`)} />
      {create.error ? <ErrorPanel error={create.error} /> : null}
      <div className="bk-submit">
        <Button type="primary" size="large" disabled={missing.length > 0} loading={create.running} onClick={() => void create.run()}>{t('requests.saveDraft')}</Button>
        <span className="bk-secondary" aria-live="polite">{missing.length > 0 ? t('requests.missing.lead', { what: missing.map((name) => t(`requests.missing.${name}`)).join(t('common.listSeparator')) }) : t('requests.draftMeaning')}</span>
      </div>
    </>
  );
}
