/** A writing that stopped: cause, next step, go on (password again; the code only when it is needed), or give up where that is safe. */
import { Button, Popconfirm } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { LedgerAnswer } from '#shared/contract/desktop/ledger.ts';
import { fromErrorData, toAppError } from '#shared/errors/app-error.ts';
import { useEngine } from '../lib/engine.tsx';
import { sameKey } from '../lib/key-name.ts';
import { QUERY_KEYS, useMayBeGivenUp, useTokens, useUkeyModels } from '../lib/queries.ts';
import { useAction } from '../lib/use-action.ts';
import { useDeedLedgerQuestion } from '../lib/ledger-queries.ts';
import { ErrorPanel } from './error-panel.tsx';
import { LedgerQuestion } from './ledger-question.tsx';
import { NewPinDialog } from './new-pin-dialog.tsx';
import { PinDialog, type PinAnswer } from './pin-dialog.tsx';
import { Serial } from './serial.tsx';

type ResumeAnswer = Omit<DesktopInput<'writing.resume'>, 'deedId'>;

/** After these answers the person has to give the code again. */
/** After these the ledger is asked again, and what would be lost now is typed before the deed goes on. */
const LEDGER_ERRORS = new Set<string>(['LEDGER_WOULD_LOSE', 'LEDGER_ANSWER_STALE', 'LEDGER_CONFIRMATION_WRONG']);
const CODE_ASKING_ERRORS = new Set<string>(['DEED_CODE_NEEDED', 'CODE_WRONG', 'CODE_EXPIRED', 'CODE_VOID', 'CODE_NOT_FOR_THIS']);

export function InterruptedDeed({ deed, onResumed, onCancelled }: { deed: Deed; onResumed?: (deed: Deed) => void; onCancelled?: () => void }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const token = useTokens().data?.tokens.find((candidate) => sameKey(candidate.ref, deed.token)) ?? null;
  const [asking, setAsking] = useState<'resume' | 'cancel' | null>(null);

  const rules = useUkeyModels().data?.find((model) => model.id === token?.modelId)?.pinRules ?? null;

  const [ledgerAnswer, setLedgerAnswer] = useState<LedgerAnswer | null>(null);
  const [askLedger, setAskLedger] = useState(false);
  const mayCancel = useMayBeGivenUp(deed);

  const resume = useAction(async (answer: ResumeAnswer) => {
    const next = await engine.call('writing.resume', { deedId: deed.id, ...answer, ...(ledgerAnswer === null ? {} : { ledgerAnswer }) }).catch((thrown: unknown) => {
      if (LEDGER_ERRORS.has(toAppError(thrown).code)) setAskLedger(true);
      throw thrown;
    });
    keep(next);
    setAsking(null);
    onResumed?.(next);
  });
  const cancel = useAction(async (answer?: PinAnswer) => {
    keep(await engine.call('writing.cancel', answer === undefined ? { deedId: deed.id } : { deedId: deed.id, pin: answer.pin, confirmedFewTries: answer.confirmedFewTries }));
    setAsking(null);
    onCancelled?.();
  });

  function stopAsking() {
    setAsking(null);
    resume.clear();
    cancel.clear();
  }

  /** A refusal over the ledger is answered by now. */
  function askToResume() {
    resume.clear();
    setAsking('resume');
  }

  function keep(next: Deed) {
    client.setQueryData(QUERY_KEYS.deed(next.id), next);
    void client.invalidateQueries({ queryKey: QUERY_KEYS.unfinishedDeeds });
    void client.invalidateQueries({ queryKey: QUERY_KEYS.pendingWritings });
  }

  const stopped = deed.error ? fromErrorData(deed.error) : null;
  const overLedger = resume.error !== null && LEDGER_ERRORS.has(resume.error.code);
  const question = useDeedLedgerQuestion(askLedger ? deed.id : null).data ?? null;
  const lastCode = resume.error?.code ?? stopped?.code ?? '';
  const askCode = deed.codeNeeded === true || CODE_ASKING_ERRORS.has(lastCode);
  const goOn = (
    <Button type="primary" disabled={token === null || (askLedger && ledgerAnswer === null)} loading={deed.pinNeeded === 'none' && resume.running} onClick={() => (deed.pinNeeded === 'none' && !askCode ? void resume.run({}) : askToResume())}>{t('deeds.resume')}</Button>
  );
  const begunOnKey = deed.steps.some((step) => step.name === 'generate' && step.state !== 'waiting');

  return (
    <div className="bk-interrupted">
      {stopped ? <ErrorPanel error={stopped} /> : <p>{t('deeds.stoppedWithoutError')}</p>}
      <p className="bk-secondary">{t('deeds.nothingLost')}</p>
      {token === null ? <p className="bk-warn">{t('deeds.plugKey')} <Serial value={deed.token.serial} /></p> : null}
      {question ? <LedgerQuestion question={question} onAnswer={setLedgerAnswer} /> : null}
      <div className="bk-actions">
        {goOn}
        {mayCancel ? (
          <Popconfirm title={t('deeds.cancelAsk')} description={t('deeds.cancelMeaning')} okText={t('deeds.cancelYes')} cancelText={t('deeds.cancelNo')} onConfirm={() => (begunOnKey && token ? setAsking('cancel') : void cancel.run())}>
            <Button danger loading={cancel.running}>{t('deeds.cancel')}</Button>
          </Popconfirm>
        ) : <span className="bk-secondary">{deed.plan === 'unlock' ? t('deeds.unlockNotCancellable') : t('deeds.notCancellable')}</span>}
      </div>
      {cancel.error && asking === null ? <ErrorPanel error={cancel.error} /> : null}
      {resume.error && (asking === null || overLedger) ? <ErrorPanel error={resume.error} /> : null}
      {token && deed.pinNeeded === 'new-pin' ? (
        <NewPinDialog
          open={asking === 'resume' && !overLedger}
          token={token}
          rules={rules}
          askCode={askCode}
          running={resume.running}
          error={resume.error}
          stoppedBy={stopped}
          onSubmit={(answer) => void resume.run(answer)}
          onCancel={stopAsking}
        />
      ) : null}
      {token ? (
        <PinDialog
          open={asking === 'cancel' || (asking === 'resume' && !overLedger && deed.pinNeeded !== 'new-pin')}
          title={asking === 'cancel' ? t('deeds.cancelTitle') : t('deeds.resumeTitle')}
          okText={asking === 'cancel' ? t('deeds.cancelYes') : t('deeds.resume')}
          token={token}
          askCode={asking === 'resume' && askCode}
          running={resume.running || cancel.running}
          error={asking === 'cancel' ? cancel.error : resume.error}
          onSubmit={(answer) => void (asking === 'cancel' ? cancel.run(answer) : resume.run(answer))}
          onCancel={stopAsking}
        />
      ) : null}
    </div>
  );
}
