/** What a request says. */
import { useTranslation } from 'react-i18next';
import type { ChangeKind } from '#shared/contract/rest/orders.ts';
import type { Request } from '#shared/contract/rest/requests.ts';
import { Serial } from '../../../components/serial.tsx';
import { beijingDate, beijingTime } from '../../../lib/beijing-time.ts';
import { commonNameOf } from '../../../lib/distinguished-name.ts';
import { currentLanguage } from '../../../lib/language.ts';
import { yuan } from '../../../lib/money.ts';

export function RequestFacts({ request, changeKind }: { request: Request; changeKind: ChangeKind | null }) {
  const { t } = useTranslation();
  const facts: (readonly [string, string | null])[] = [
    [t('requests.facts.project'), request.projectName],
    [t('requests.facts.holder'), request.certificateSubject === null ? null : commonNameOf(request.certificateSubject)],
    [t('requests.facts.until'), request.certificateNotAfterUtc === null ? null : beijingDate(request.certificateNotAfterUtc)],
    [t('requests.facts.changeKind'), changeKind === null ? null : currentLanguage() === 'zh-CN' ? changeKind.nameZh : changeKind.nameEn],
    [t('requests.facts.years'), request.years === null || request.years === 0 ? null : t('pending.years', { count: request.years })],
    [t('requests.facts.price'), request.unitPriceFen === 0 ? t('requests.free') : yuan(request.unitPriceFen)],
    [t('requests.facts.keys'), request.keyPolicy === null ? null : t(`requests.keyPolicy.${request.keyPolicy}.title`)],
    [t('requests.facts.reason'), request.revocationReason === null ? null : t(`requests.reason.${request.revocationReason}`)],
    [t('requests.facts.oldKey'), request.oldKeyHandling === null ? null : t(`requests.oldKey.${request.oldKeyHandling}.title`)],
    [t('requests.facts.order'), request.orderNumber],
    [t('requests.facts.riskNotice'), request.riskNoticeAcceptedAtUtc === null ? null : t('requests.riskNotice.acceptedAt', { time: beijingTime(request.riskNoticeAcceptedAtUtc) })],
    [t('requests.facts.refunded'), request.refundedFen === 0 ? null : yuan(request.refundedFen)],
    [t('requests.facts.recovery'), request.kind === 'reissue' || request.kind === 'key-recovery' ? t('requests.recoveryApprovals', { count: request.recoveryApprovals }) : null],
  ];
  return (
    <dl className="bk-facts">
      {facts.map(([name, value]) => (value === null ? null : <div key={name}><dt>{name}</dt><dd>{value}</dd></div>))}
      {request.tokenSerial === null ? null : <div><dt>{t('requests.facts.key')}</dt><dd><Serial value={request.tokenSerial} /></dd></div>}
    </dl>
  );
}
