/** 待处理证书 of one key: project, holder, serial, issuer, validity, and the wanted action – open, under way, or why not now. */
import { FileSearchOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { KeyAction, KeyCertificate, KeyRequests } from '#shared/contract/desktop/requests.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { isErrorCode } from '#shared/errors/error-table.ts';
import { EmptyState } from '../../../components/empty-state.tsx';
import { Serial } from '../../../components/serial.tsx';
import { ToneTag } from '../../../components/tone-tag.tsx';
import { ValidityTag } from '../../../components/validity-tag.tsx';
import { beijingDate } from '../../../lib/beijing-time.ts';
import { commonNameOf } from '../../../lib/distinguished-name.ts';
import { useErrorText } from '../../../lib/error-text.ts';
import { yuan } from '../../../lib/money.ts';
import type { ServiceKind } from './service-kinds.ts';

export function CertificatesWithActions({ kind, found, token }: { kind: ServiceKind; found: KeyRequests; token: TokenSummary }) {
  const { t } = useTranslation();
  const rows = found.certificates.map((certificate) => ({ certificate, action: certificate.actions.find((action) => action.kind === kind) ?? null }));
  const ofKey = found.keyActions.find((action) => action.kind === kind) ?? null;
  if (ofKey === null && rows.every(({ action }) => action === null)) return <EmptyState icon={<FileSearchOutlined />} title={t('services.nothing')} hints={[t('services.nothingOtherAccount'), t('services.nothingOtherCa')]} />;
  return (
    <ul className="bk-service-rows">
      {ofKey ? (
        <li>
          <div><strong>{t('services.thisKey')}</strong> <Serial value={token.ref.serial} /></div>
          <ActionWay action={ofKey} kind={kind} subject={token.ref.serial} token={token} />
        </li>
      ) : null}
      {rows.map(({ certificate, action }) => (action === null ? null : (
        <li key={certificate.certificate.serialHex}>
          <CertificateFacts certificate={certificate} />
          <ActionWay action={action} kind={kind} subject={certificate.certificate.serialHex} token={token} />
        </li>
      )))}
    </ul>
  );
}

export function CertificateFacts({ certificate: { certificate, onThisKey } }: { certificate: KeyCertificate }) {
  const { t } = useTranslation();
  return (
    <div>
      <p>
        <strong>{commonNameOf(certificate.subject)}</strong> <ValidityTag notBeforeUtc={certificate.notBeforeUtc} notAfterUtc={certificate.notAfterUtc} />
        {certificate.state === 'suspended' ? <ToneTag tone="warn">{t('services.suspended')}</ToneTag> : null}
        {onThisKey ? null : <ToneTag tone="notice">{t('services.notOnKey')}</ToneTag>}
      </p>
      <p className="bk-secondary">{certificate.projectName}</p>
      <p className="bk-secondary">{t('services.serial')} <span className="bk-mono">{certificate.serialHex}</span> · {t('services.until', { date: beijingDate(certificate.notAfterUtc) })} · {t('services.issuer', { name: commonNameOf(certificate.issuer) })}</p>
    </div>
  );
}

/** @param subject what the request will be about: serial of the key, or of the certificate */
function ActionWay({ action, kind, subject, token }: { action: KeyAction; kind: ServiceKind; subject: string; token: TokenSummary }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const priced = action.items[0];
  if (action.state === 'blocked') {
    const text = action.reason !== null && isErrorCode(action.reason) ? errorText(action.reason) : null;
    return (
      <div className="bk-service-action">
        <ToneTag tone="plain">{t('services.notNow')}</ToneTag>
        {text ? <p className="bk-secondary">{text.title} {text.next}</p> : null}
        {action.fromUtc === null ? null : <p className="bk-secondary">{t('services.from', { date: beijingDate(action.fromUtc) })}</p>}
      </div>
    );
  }
  if (action.requestId !== null) {
    return (
      <div className="bk-service-action">
        <Link to={`/requests/${action.requestId}`} className={action.state === 'begun' ? 'bk-button-link' : 'bk-button-link bk-button-link-primary'}>{t(`services.go.${action.state}`)}</Link>
      </div>
    );
  }
  return (
    <div className="bk-service-action">
      <Link to={`/apply/${kind}/${encodeURIComponent(subject)}?driver=${encodeURIComponent(token.ref.driverId)}&serial=${encodeURIComponent(token.ref.serial)}`} className="bk-button-link bk-button-link-primary">{t(`services.${kind}.act`)}</Link>
      {priced && priced.unitPriceFen > 0 ? <span className="bk-secondary">{t('services.priceFrom', { price: yuan(Math.min(...action.items.map((item) => item.unitPriceFen))) })}</span> : null}
    </div>
  );
}
