/**
 * Revocation and suspension by the holder's word: with the certificate's own key at once, or with the authorization code that a submission brings.
 * The ledger is asked first, because a revoked certificate opens nothing that nobody can unwrap.
 */
import { Alert, App, Button } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import type { LedgerAnswer } from '#shared/contract/desktop/ledger.ts';
import type { Request } from '#shared/contract/rest/requests.ts';
import { CODE_DIGITS, CodeField } from '../../../components/code-field.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { LedgerQuestion } from '../../../components/ledger-question.tsx';
import { PinDialog, type PinAnswer } from '../../../components/pin-dialog.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import type { LedgerQuestionInput } from '../../../lib/ledger-queries.ts';
import { useTokens } from '../../../lib/queries.ts';
import { forgetRequest } from '../../../lib/request-queries.ts';
import { useAction } from '../../../lib/use-action.ts';

/** The key may confirm from the draft on. */
const BY_KEY = new Set<Request['state']>(['draft', 'code-sent']);

export function ConfirmEnd({ request }: { request: Request }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const engine = useEngine();
  const client = useQueryClient();
  const [answer, setAnswer] = useState<LedgerAnswer | null>(null);
  // One object for as long as it asks the same: the question is put again with every new one.
  const question = useMemo<LedgerQuestionInput>(() => ({ deed: request.kind === 'suspension' ? 'suspension' : 'revocation', ...(request.tokenSerial === null ? {} : { tokenSerial: request.tokenSerial }) }), [request.kind, request.tokenSerial]);
  const [asking, setAsking] = useState(false);
  const [code, setCode] = useState('');
  const token = useTokens().data?.tokens.find((one) => one.certificates.some((certificate) => certificate.serialHex === request.certificateSerialHex && certificate.purpose === 'sign')) ?? null;
  const said = answer === null ? {} : { ledgerAnswer: answer };

  const done = () => {
    setAsking(false);
    // Longer than usual: whoever logged in with this very certificate has to log in anew before the page tells it.
    void message.success(t('requests.end.done'), 10);
    forgetRequest(client, request.id);
  };
  const byKey = useAction(async (pin: PinAnswer) => {
    if (token === null) return;
    await engine.call('requests.confirmByKey', { requestId: request.id, token: token.ref, pin: pin.pin, confirmedFewTries: pin.confirmedFewTries, ...said });
    done();
  });
  const byCode = useAction(async (authorizationCode: string) => {
    await engine.call('requests.confirmByCode', { requestId: request.id, authorizationCode, ...said });
    done();
  });
  const allowed = answer !== null;
  const canByKey = BY_KEY.has(request.state);

  return (
    <div className="bk-stack">
      <LedgerQuestion question={question} onAnswer={setAnswer} />
      {request.kind === 'revocation' ? <Alert type="warning" showIcon title={t('requests.end.forever')} description={t('requests.end.keyContents')} /> : null}
      {canByKey ? (
        <div className="bk-actions">
          <Button type="primary" danger={request.kind === 'revocation'} disabled={token === null || !allowed} onClick={() => setAsking(true)}>{t('requests.end.byKey')}</Button>
          <span className="bk-secondary">{token === null ? t('requests.end.plugKey') : t('requests.end.byKeyMeaning')}</span>
        </div>
      ) : null}
      {request.state === 'code-sent' ? (
        <form className="bk-actions" onSubmit={(event) => { event.preventDefault(); if (allowed && code.length === CODE_DIGITS) void byCode.run(code); setCode(''); }}>
          <label htmlFor="end-code">{t('issue.code.label')}</label>
          <CodeField id="end-code" value={code} onChange={setCode} />
          <Button htmlType="submit" disabled={!allowed || code.length !== CODE_DIGITS} loading={byCode.running}>{t('requests.end.byCode')}</Button>
        </form>
      ) : null}
      {byCode.error ? <ErrorPanel error={byCode.error} /> : null}
      {token ? (
        <PinDialog open={asking} title={t('requests.end.pinTitle')} okText={t('requests.end.byKey')} token={token} running={byKey.running} error={byKey.error} onSubmit={(pin) => void byKey.run(pin)}
          onCancel={() => {
            setAsking(false);
            byKey.clear();
          }} />
      ) : null}
    </div>
  );
}
