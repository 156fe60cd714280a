/** What is on the key already. Nothing of it is overwritten; the person sees each certificate and agrees to keep it beside the new ones. */
import { Alert, Checkbox } from 'antd';
import { useTranslation } from 'react-i18next';
import type { TokenCertificate } from '#shared/contract/desktop/tokens.ts';
import { beijingDate } from '../../../lib/beijing-time.ts';
import { groupSerialHex } from '../../../lib/group-serial.ts';

interface CertificatesOnKeyProps {
  readonly certificates: readonly TokenCertificate[];
  readonly agreed: ReadonlySet<string>;
  readonly onAgree: (fingerprints: ReadonlySet<string>) => void;
}

export function CertificatesOnKey({ certificates, agreed, onAgree }: CertificatesOnKeyProps) {
  const { t } = useTranslation();
  const toggle = (fingerprint: string, agree: boolean) => {
    const next = new Set(agreed);
    if (agree) next.add(fingerprint);
    else next.delete(fingerprint);
    onAgree(next);
  };
  return (
    <Alert
      type="warning"
      showIcon
      title={t('issue.onKey.title', { count: certificates.length })}
      description={
        <>
          <p>{t('issue.onKey.meaning')}</p>
          <ul className="bk-consent">
            {certificates.map((certificate) => (
              <li key={certificate.sha256Hex}>
                <Checkbox checked={agreed.has(certificate.sha256Hex)} onChange={(event) => toggle(certificate.sha256Hex, event.target.checked)}>
                  {t('issue.onKey.keep', { purpose: t(`certificate.purpose.${certificate.purpose}`), holder: certificate.subjectCommonName, until: beijingDate(certificate.notAfterUtc) })}
                  <span className="bk-secondary bk-mono"> {groupSerialHex(certificate.serialHex)}</span>
                </Checkbox>
              </li>
            ))}
          </ul>
        </>
      }
    />
  );
}
