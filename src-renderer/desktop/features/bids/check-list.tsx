/** The check list before sealing: passed, to be thought about, in the way, not known; each with what is meant and where it is settled. */
import { CheckCircleFilled, CloseCircleFilled, ExclamationCircleFilled, QuestionCircleFilled } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { BidCheck } from '#shared/contract/desktop/bids.ts';
import { beijingTime } from '../../../lib/beijing-time.ts';

const ICONS = { ok: <CheckCircleFilled />, warning: <ExclamationCircleFilled />, blocked: <CloseCircleFilled />, unknown: <QuestionCircleFilled /> } as const;
const CLASSES = { ok: 'bk-ok', warning: 'bk-warn', blocked: 'bk-bad', unknown: 'bk-secondary' } as const;
const SETTLED_AT: Readonly<Record<BidCheck['id'], string | null>> = { authorities: null, tender: 'info', 'opening-time': 'info', parts: 'parts', documents: 'parts', signatures: 'sign', 'signing-key': null, openers: 'openers', revocation: null, 'openers-tested': 'openers', 'several-openers': 'openers', 'disk-space': null };

const REASONS = [
  'without-tender', 'signature', 'lot-not-chosen', 'not-given', 'passed', 'missing', 'begun', 'empty', 'changed', 'unsigned', 'invalid', 'none-needed', 'not-chosen', 'no-certificate', 'expired', 'expires-before-opening',
  'group-missing', 'refused', 'not-known', 'revoked', 'none-tested', 'some-untested', 'single', 'not-told', 'full', 'not-of-tender', 'not-taken', 'unreadable',
  'signer-not-checked', 'signer-untrusted', 'signer-revoked', 'signer-revocation', 'rsa-over-skf', 'name-too-long',
] as const;
type Reason = (typeof REASONS)[number];
const isReason = (text: string | null): text is Reason => (REASONS as readonly (string | null)[]).includes(text);

export function CheckList({ checks, projectId }: { checks: readonly BidCheck[]; projectId: string }) {
  const { t } = useTranslation();
  return (
    <ul className="bk-plain-list bk-checks">
      {checks.map((check) => {
        const step = SETTLED_AT[check.id];
        return (
          <li key={check.id} data-check={check.id} data-verdict={check.verdict}>
            <span className={CLASSES[check.verdict]} aria-hidden="true">{ICONS[check.verdict]}</span>
            <div>
              <strong>{t(`bids.check.${check.id}`)}</strong> <span className="bk-visually-hidden">{t(`bids.verdict.${check.verdict}`)}</span>
              {isReason(check.reason) ? <span className="bk-check-reason">{t(`bids.reason.${check.reason}`)}</span> : null}
              {check.facts.length > 0 ? <div className="bk-secondary">{check.facts.map((fact) => factText(check.id, fact)).join(t('common.listSeparator'))}</div> : null}
            </div>
            {check.verdict !== 'ok' && step !== null ? <Link to={`/bids/${projectId}?step=${step}`}>{t('bids.check.settle')}</Link> : null}
          </li>
        );
      })}
    </ul>
  );

  function factText(id: BidCheck['id'], fact: string): string {
    if (id === 'opening-time' || (id === 'revocation' && /^\d{4}-/.test(fact))) return beijingTime(fact);
    if (fact === 'bidder') return t('bids.group.bidder');
    return fact === 'tenderer' ? t('bids.group.tenderer') : fact;
  }
}
