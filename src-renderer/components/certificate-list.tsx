/** Certificates as rows: purpose, holder, validity; each opens its details. */
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TokenCertificate } from '#shared/contract/desktop/tokens.ts';
import { beijingDate } from '../lib/beijing-time.ts';
import { CertificateDetails } from './certificate-details.tsx';
import { ValidityTag } from './validity-tag.tsx';

export function CertificateList({ certificates }: { certificates: readonly TokenCertificate[] }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState<TokenCertificate | null>(null);
  return (
    <>
      <ul className="bk-certificates">
        {certificates.map((certificate) => (
          <li key={certificate.sha256Hex}>
            <div>
              <strong>{t(`certificate.purpose.${certificate.purpose}`)}</strong>
              <span className="bk-certificate-holder">{certificate.subjectCommonName}</span>
              <span className="bk-secondary bk-nowrap">{t('certificate.until', { date: beijingDate(certificate.notAfterUtc) })}</span>
            </div>
            <ValidityTag notBeforeUtc={certificate.notBeforeUtc} notAfterUtc={certificate.notAfterUtc} />
            <Button size="small" aria-label={t('certificate.showOf', { purpose: t(`certificate.purpose.${certificate.purpose}`), holder: certificate.subjectCommonName })} onClick={() => setShown(certificate)}>{t('certificate.show')}</Button>
          </li>
        ))}
      </ul>
      <CertificateDetails certificate={shown} onClose={() => setShown(null)} />
    </>
  );
}
