/**
 * Asks the ledger what a deed would do to sealed bids, and shows it: safe, kept and by what, or exactly which bids would be lost. Rule: a deed that
 * would lose a bid needs the name of its tender typed; until then there is no answer to go on with.
 */
import { Alert, Button, Input } from 'antd';
import { useEffect, useId, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AssessedBid, LedgerAnswer, LedgerAssessment } from '#shared/contract/desktop/ledger.ts';
import { beijingTime } from '../lib/beijing-time.ts';
import { groupSerial } from '../lib/group-serial.ts';
import { useGroupTitle } from '../lib/group-title.ts';
import { useLedgerAssessment, type LedgerQuestionInput } from '../lib/ledger-queries.ts';
import { ErrorPanel } from './error-panel.tsx';
import { Loading } from './loading.tsx';
import { ToneTag } from './tone-tag.tsx';

interface LedgerQuestionProps {
  readonly question: LedgerQuestionInput;
  /** The answer that the deed is started with; null while it may not be started. */
  readonly onAnswer: (answer: LedgerAnswer | null) => void;
}

export function LedgerQuestion({ question, onAnswer }: LedgerQuestionProps) {
  const { t } = useTranslation();
  const asked = useLedgerAssessment(question);
  const [typed, setTyped] = useState('');
  const assessment = asked.data ?? null;
  const answer = useMemo(() => answerOf(assessment, typed), [assessment, typed]);
  useEffect(() => onAnswer(answer), [answer, onAnswer]);

  if (asked.isPending) return <Loading what={t('ledger.question.asking')} />;
  if (asked.error) return <ErrorPanel error={asked.error} onRetry={() => void asked.refetch()} />;
  if (assessment === null) return null;
  const lost = assessment.bids.filter((bid) => bid.lost).length;
  return (
    <div className="bk-stack" aria-live="polite">
      {assessment.verdict === 'safe' ? <Alert type="success" showIcon title={t('ledger.question.safe')} description={t('ledger.question.notRecorded')} /> : null}
      {assessment.verdict === 'kept' ? <Alert type="info" showIcon title={t('ledger.question.kept', { count: assessment.bids.length })} description={t('ledger.question.notRecorded')} /> : null}
      {assessment.verdict === 'would-lose' ? <Alert type="error" showIcon role="alert" title={t('ledger.question.wouldLose', { count: lost })} /> : null}
      {assessment.bids.map((bid) => <BidAnswer key={bid.sealId} bid={bid} />)}
      {assessment.confirmationText === null ? null : <TypedConfirmation text={assessment.confirmationText} value={typed} onChange={setTyped} />}
      <div className="bk-actions"><Button size="small" loading={asked.isFetching} onClick={() => void asked.refetch()}>{t('ledger.question.askAgain')}</Button></div>
    </div>
  );
}

function answerOf(assessment: LedgerAssessment | null, typed: string): LedgerAnswer | null {
  if (assessment === null) return null;
  if (assessment.confirmationText === null) return { assessmentId: assessment.assessmentId, typedConfirmation: '' };
  return typed.trim() === assessment.confirmationText ? { assessmentId: assessment.assessmentId, typedConfirmation: typed.trim() } : null;
}

function BidAnswer({ bid }: { bid: AssessedBid }) {
  const { t } = useTranslation();
  const groupTitle = useGroupTitle();
  return (
    <article className={bid.lost ? 'bk-bid-answer bk-bid-lost' : 'bk-bid-answer'}>
      <p>
        <strong>{bid.tenderName}</strong>
        <ToneTag tone={bid.lost ? 'bad' : 'ok'}>{bid.lost ? t('ledger.question.lost') : t('ledger.question.keptTag')}</ToneTag>
      </p>
      <p className="bk-secondary">
        {bid.openingTimeUtc === null ? t('ledger.openingUnknown') : t('ledger.question.opening', { time: beijingTime(bid.openingTimeUtc) })}
        {bid.lot === '' ? '' : ` · ${t('ledger.lot', { lot: bid.lot })}`}
      </p>
      {bid.openingPassed ? <p className="bk-warn">{t('ledger.question.passed')}</p> : null}
      {bid.groups.some(({ generation }) => generation !== null) ? <p className="bk-warn">{t('ledger.question.generations')}</p> : null}
      {bid.groups.map((group) => (
        <div key={`${group.group} ${group.generation?.rewraps ?? ''} ${group.generation?.file ?? ''}`}>
          {group.generation === null ? null : <div className="bk-secondary">{generationText(group.generation)}</div>}
          <span>{t('ledger.question.groupLine', { group: groupTitle(group.group) })}</span>
          <ul>
            {group.keptBy.map((keeper) => (
              <li key={`${keeper.by} ${keeper.fingerprintHex}`} className="bk-ok">{t(`ledger.question.keeper.${keeper.by}`, { label: keeper.label, serial: keeper.tokenSerial === null ? '' : groupSerial(keeper.tokenSerial) })}</li>
            ))}
            {group.doubts.map((doubt) => <li key={`${doubt.reason} ${doubt.fingerprintHex}`} className="bk-warn">{t(`ledger.question.doubt.${doubt.reason}`, { label: doubt.label })}</li>)}
          </ul>
        </div>
      ))}
    </article>
  );

  function generationText({ rewraps, file }: NonNullable<AssessedBid['groups'][number]['generation']>): string {
    const name = file ?? t('ledger.details.fileUnknown');
    return rewraps === 0 ? t('ledger.question.generationSealed', { file: name }) : t('ledger.question.generation', { file: name, count: rewraps });
  }
}

function TypedConfirmation({ text, value, onChange }: { text: string; value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="bk-field">
      <p className="bk-warn">{t('ledger.question.advice')} <strong>{text}</strong></p>
      <label htmlFor={id}>{t('ledger.question.typeLabel')}</label>
      <Input id={id} value={value} maxLength={300} autoComplete="off" placeholder={t('ledger.question.type', { name: text })} onChange={(event) => onChange(event.target.value)} />
    </div>
  );
}
