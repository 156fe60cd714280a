/** What the person can do with a request in its present state; the one that leads on is the primary one. */
import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useQueryClient } from '@tanstack/react-query';
import type { ChangeKind } from '#shared/contract/rest/orders.ts';
import type { Request } from '#shared/contract/rest/requests.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Section } from '../../../components/page.tsx';
import { carriedOutKind } from '../../../lib/carried-out-kinds.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { ENDED_STATES, forgetRequest, keepRequest } from '../../../lib/request-queries.ts';
import { useAction } from '../../../lib/use-action.ts';
import { ConfirmEnd } from './confirm-end.tsx';

/** Kinds that end the validity of a certificate and are done by the holder's word. */
const ENDING = new Set<Request['kind']>(['revocation', 'suspension', 'release']);

export function RequestActions({ request, changeKind }: { request: Request; changeKind: ChangeKind | null }) {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const engine = useEngine();
  const client = useQueryClient();
  const keep = (changed: Request) => keepRequest(client, changed);
  const submit = useAction(async () => keep(await engine.call('requests.submit', { requestId: request.id })));
  const withdraw = useAction(async () => keep(await engine.call('requests.withdraw', { requestId: request.id })));
  const cancel = useAction(async () => keep(await engine.call('requests.cancel', { requestId: request.id })));
  const error = submit.error ?? withdraw.error ?? cancel.error;

  const missing = changeKind?.materials.filter((kind) => kind.required && !request.materials.some((material) => material.materialKindId === kind.id)).length ?? 0;
  const canSubmit = request.state === 'draft' || request.state === 'rejected';
  const ends = ENDING.has(request.kind);
  const canWithdraw = canSubmit || request.state === 'submitted' || (ends && request.state === 'code-sent');
  const canCancel = !ends && (request.state === 'awaiting-payment' || request.state === 'code-sent' || (request.kind === 'key-recovery' && request.state === 'approved'));
  const canWrite = carriedOutKind(request.kind) !== null && (request.state === 'code-sent' || request.state === 'writing');

  function ask(what: 'withdraw' | 'cancel') {
    modal.confirm({ title: t(`requests.${what}.ask`), content: t(`requests.${what}.meaning`), okText: t(`requests.${what}.yes`), cancelText: t('common.cancel'), onOk: () => (what === 'withdraw' ? withdraw.run() : cancel.run()) });
  }

  if (ENDED_STATES.has(request.state)) return null;
  return (
    <Section title={t('requests.actions')}>
      {error ? <ErrorPanel error={error} /> : null}
      {ends && request.kind !== 'release' ? <ConfirmEnd request={request} /> : null}
      <div className="bk-actions">
        {canSubmit ? <Button type="primary" size="large" disabled={missing > 0} loading={submit.running} onClick={() => void submit.run()}>{request.state === 'rejected' ? t('requests.submitAgain') : t('requests.submit')}</Button> : null}
        {canSubmit && missing > 0 ? <span className="bk-secondary">{t('requests.materialsMissing', { count: missing })}</span> : null}
        {request.state === 'awaiting-payment' ? <Pay request={request} /> : null}
        {canWrite ? <Link to={`/carry-out/${request.id}`} className="bk-button-link bk-button-link-primary">{t('requests.carryOut')}</Link> : null}
        {request.state === 'code-sent' ? <ResendCode request={request} /> : null}
        {canWithdraw ? <Button loading={withdraw.running} onClick={() => ask('withdraw')}>{t('requests.withdraw.do')}</Button> : null}
        {canCancel ? <Button danger loading={cancel.running} onClick={() => ask('cancel')}>{t('requests.cancel.do')}</Button> : null}
      </div>
    </Section>
  );
}

/** The payment provider's page is a page of its own; the state here follows by itself. */
function Pay({ request }: { request: Request }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const [checkoutUrl, setCheckoutUrl] = useState<string | null>(null);
  const start = useAction(async () => {
    if (request.orderId !== null) setCheckoutUrl((await engine.call('orders.startPayment', { orderId: request.orderId })).checkoutUrl);
  });
  return (
    <>
      {checkoutUrl === null ? (
        <Button type="primary" size="large" loading={start.running} onClick={() => void start.run()}>{t('requests.pay.start')}</Button>
      ) : (
        <a className="bk-button-link bk-button-link-primary" href={checkoutUrl} target="_blank" rel="noopener noreferrer">{t('requests.pay.open')}</a>
      )}
      {checkoutUrl === null ? null : <span className="bk-secondary">{t('requests.pay.waiting')}</span>}
      {start.error ? <ErrorPanel error={start.error} /> : null}
    </>
  );
}

function ResendCode({ request }: { request: Request }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const engine = useEngine();
  const client = useQueryClient();
  const resend = useAction(async () => {
    const sent = await engine.call('requests.resendCode', { requestId: request.id });
    void message.success(t('requests.codeSent', { phone: sent.sentToPhone }));
    forgetRequest(client, request.id);
  });
  return (
    <>
      <Button loading={resend.running} onClick={() => void resend.run()}>{t('requests.resendCode')}</Button>
      {resend.error ? <ErrorPanel error={resend.error} /> : null}
    </>
  );
}
