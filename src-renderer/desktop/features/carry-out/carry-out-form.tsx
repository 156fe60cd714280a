/** Everything that is asked before a deed begins, in the order in which it matters. What is missing stands beside the button. */
import { Alert, Button, Checkbox } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { LedgerAnswer } from '#shared/contract/desktop/ledger.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { Request } from '#shared/contract/rest/requests.ts';
import { ChoosePluggedKey } from '../../../components/choose-plugged-key.tsx';
import { CodeField } from '../../../components/code-field.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { LedgerQuestion } from '../../../components/ledger-question.tsx';
import { NewPinDialog } from '../../../components/new-pin-dialog.tsx';
import { Section } from '../../../components/page.tsx';
import { PinDialog, type PinAnswer } from '../../../components/pin-dialog.tsx';
import { Serial } from '../../../components/serial.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import type { LedgerQuestionInput } from '../../../lib/ledger-queries.ts';
import { useCaStatus, useUkeyModels, useUnfinishedDeeds } from '../../../lib/queries.ts';
import { forgetRequest } from '../../../lib/request-queries.ts';
import { useAction } from '../../../lib/use-action.ts';
import { useQueryClient } from '@tanstack/react-query';
import { missingForStart } from './missing-for-start.ts';
import { NEEDS_RISK_NOTICE, type CarriedOutKind } from '../../../lib/carried-out-kinds.ts';
import { KeyRoom } from './key-room.tsx';
import { KEEP_ALL, type RoomWish } from './room-wish.ts';
import { RiskNoticeSection } from './risk-notice-section.tsx';

/** Answers that are about the PIN stay in its dialog. */
const PIN_ERRORS = new Set<string>(['PIN_INCORRECT', 'PIN_LOCKED', 'PIN_NOT_CONFIRMED', 'PIN_LENGTH', 'PIN_RULES', 'PIN_INVALID']);

interface CarryOutFormProps {
  readonly request: Request;
  readonly kind: CarriedOutKind;
  readonly onBegun: (begun: { deedId: string; fingerprintsBefore: readonly string[] }) => void;
}

export function CarryOutForm({ request, kind, onBegun }: CarryOutFormProps) {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const [answer, setAnswer] = useState<LedgerAnswer | null>(null);
  const [token, setToken] = useState<TokenSummary | null>(null);
  const [room, setRoom] = useState<RoomWish>(KEEP_ALL);
  const [agreedBeside, setAgreedBeside] = useState(false);
  const [code, setCode] = useState('');
  const [asking, setAsking] = useState(false);
  const models = useUkeyModels().data ?? [];
  const open = (useUnfinishedDeeds().data ?? []).filter((deed) => deed.requestId === request.id);
  const model = models.find((one) => one.id === token?.modelId) ?? null;
  const newPair = kind === 'renewal' || kind === 'change' ? (request.keyPolicy ?? 'new-keys') === 'new-keys' : kind === 'reissue';
  const besides = kind === 'reissue' ? (token?.certificates ?? []) : [];
  const makesRoom = newPair && kind !== 'reissue';
  const takesAway = makesRoom && (room.oldPair === 'keep-none' || room.removeFirst.length > 0);
  // The key itself tells its room; before it is chosen, its serial stands for it. A lost key is known by its serial alone.
  const plugged = kind === 'reissue' || token === null ? null : token.ref;
  // One object for as long as it asks the same: the question is put again with every new one.
  const question = useMemo<LedgerQuestionInput>(
    () => ({ deed: kind, ...(plugged !== null ? { token: plugged } : request.tokenSerial === null ? {} : { tokenSerial: request.tokenSerial }), ...(request.keyPolicy === null ? {} : { keyPolicy: request.keyPolicy }), ...(takesAway ? { removesContents: true } : {}) }),
    [kind, plugged, request.tokenSerial, request.keyPolicy, takesAway],
  );
  const missing = missingForStart({ request, kind, token, ledgerAnswered: answer !== null, code, besidesAgreed: besides.length === 0 || agreedBeside, escrowAgreed: !takesAway || room.agreed });

  const start = useAction(async (secret: { pin: string } | { newPin: string }, confirmedFewTries: boolean) => {
    if (token === null) return;
    const deed = await engine.call('writing.start', {
      kind, requestId: request.id, token: token.ref, tokenModelId: token.modelId ?? '', authorizationCode: code, confirmedFewTries, ...secret,
      ...(besides.length > 0 ? { agreedToAddBesideCertificates: besides.map((one) => one.sha256Hex) } : {}),
      ...(makesRoom ? { oldPair: room.oldPair, ...(room.removeFirst.length > 0 ? { removeFirst: [...room.removeFirst] } : {}), ...(takesAway ? { agreedToEscrowOnly: room.agreed } : {}) } : {}),
      ...(answer === null ? {} : { ledgerAnswer: answer }),
    });
    setAsking(false);
    forgetRequest(client, request.id);
    onBegun({ deedId: deed.id, fingerprintsBefore: token.certificates.map((one) => one.sha256Hex) });
  });
  const pinError = start.error && PIN_ERRORS.has(start.error.code) ? start.error : null;
  const otherError = start.error && pinError === null ? start.error : null;
  const stop = () => {
    setAsking(false);
    start.clear();
  };

  return (
    <>
      {open.length > 0 ? <Alert type="info" showIcon title={t('issue.unfinished', { count: open.length })} action={<Link to="/unfinished">{t('issue.unfinishedLook')}</Link>} /> : null}
      <Section number={1} title={t('ledger.question.title')}>
        <LedgerQuestion question={question} onAnswer={setAnswer} />
      </Section>
      <Section number={2} title={kind === 'reissue' ? t('carryOut.newKey') : t('carryOut.key')}>
        {kind === 'reissue' || request.tokenSerial === null ? null : <p>{t('carryOut.thisKey')} <Serial value={request.tokenSerial} /></p>}
        <ChoosePluggedKey title={t('services.whichKey')} value={token} onChange={setToken} accepts={(one) => kind === 'reissue' ? one.ref.serial !== request.tokenSerial : request.tokenSerial === null || one.ref.serial === request.tokenSerial} />
        {token && besides.length > 0 ? <Checkbox checked={agreedBeside} onChange={(event) => setAgreedBeside(event.target.checked)}>{t('carryOut.besides', { count: besides.length })}</Checkbox> : null}
        {token && makesRoom ? <KeyRoom token={token} request={request} value={room} onChange={setRoom} /> : null}
      </Section>
      {NEEDS_RISK_NOTICE.has(kind) ? <RiskNoticeSection number={3} request={request} token={token} /> : null}
      <Section number={NEEDS_RISK_NOTICE.has(kind) ? 4 : 3} title={<label htmlFor="carry-out-code">{t('issue.code.title')}</label>}>
        <CodeField id="carry-out-code" value={code} onChange={setCode} describedBy="carry-out-code-hint" />
        <CodeHint />
      </Section>
      {otherError ? <ErrorPanel error={otherError} /> : null}
      <div className="bk-submit">
        <Button type="primary" size="large" disabled={missing.length > 0} aria-describedby="carry-out-missing" onClick={() => { start.clear(); setAsking(true); }}>{t(`services.${kind}.begin`)}</Button>
        <span id="carry-out-missing" className="bk-secondary" aria-live="polite">{missing.length > 0 ? t('issue.missing.lead', { what: missing.map((name) => t(`carryOut.missing.${name}`)).join(t('common.listSeparator')) }) : kind === 'unlock' ? t('carryOut.thenNewPin') : t('issue.thenPin')}</span>
      </div>
      {token && kind !== 'unlock' ? (
        <PinDialog open={asking && otherError === null} title={t('issue.pinTitle')} okText={t(`services.${kind}.begin`)} token={token} running={start.running} error={pinError} onCancel={stop}
          onSubmit={(pin: PinAnswer) => void start.run({ pin: pin.pin }, pin.confirmedFewTries)} />
      ) : null}
      {token && kind === 'unlock' ? (
        <NewPinDialog open={asking && otherError === null} token={token} rules={model?.pinRules ?? null} running={start.running} error={pinError} onCancel={stop} onSubmit={({ newPin, confirmedFewTries }) => void start.run({ newPin }, confirmedFewTries)} />
      ) : null}
    </>
  );
}

function CodeHint() {
  const { t } = useTranslation();
  const sandbox = useCaStatus().data?.info?.sandbox?.url;
  return (
    <p id="carry-out-code-hint" className="bk-secondary">
      {t('carryOut.codeHint')}
      {sandbox ? <>{' '}<a href={sandbox} target="_blank" rel="noopener noreferrer">{t('pending.sandbox')}</a></> : null}
    </p>
  );
}
