/** The certificate that a request is about, in plain words. */
import { useTranslation } from 'react-i18next';
import type { KeyCertificate } from '#shared/contract/desktop/requests.ts';
import { Serial } from '../../../components/serial.tsx';
import { ValidityTag } from '../../../components/validity-tag.tsx';
import { beijingDate } from '../../../lib/beijing-time.ts';
import { commonNameOf } from '../../../lib/distinguished-name.ts';

export function CertificateSummary({ certificate: { certificate } }: { certificate: KeyCertificate }) {
  const { t } = useTranslation();
  return (
    <dl className="bk-facts">
      <div><dt>{t('requests.facts.holder')}</dt><dd>{commonNameOf(certificate.subject)} <ValidityTag notBeforeUtc={certificate.notBeforeUtc} notAfterUtc={certificate.notAfterUtc} /></dd></div>
      <div><dt>{t('requests.facts.project')}</dt><dd>{certificate.projectName}</dd></div>
      <div><dt>{t('requests.facts.until')}</dt><dd>{beijingDate(certificate.notAfterUtc)}</dd></div>
      <div><dt>{t('requests.facts.key')}</dt><dd><Serial value={certificate.tokenSerial} /></dd></div>
    </dl>
  );
}
