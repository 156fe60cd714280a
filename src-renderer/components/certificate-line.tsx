/** Whose certificate, which use, until when: one line, as openers and signers are shown everywhere in the bid tool. */
import { useTranslation } from 'react-i18next';
import type { CertificateFacts } from '#shared/contract/desktop/bids.ts';
import { beijingDate } from '../lib/beijing-time.ts';
import { groupSerialHex } from '../lib/group-serial.ts';
import { ValidityTag } from './validity-tag.tsx';

export function CertificateLine({ facts }: { facts: CertificateFacts }) {
  const { t } = useTranslation();
  return (
    <div className="bk-certificate-line">
      <strong>{facts.subjectCommonName}</strong>
      <span className="bk-secondary">{t('bids.certificate.line', { issuer: facts.issuerCommonName, serial: groupSerialHex(facts.serialHex) })}</span>
      <span className="bk-secondary bk-nowrap">{t('certificate.until', { date: beijingDate(facts.notAfterUtc) })}</span>
      <ValidityTag notBeforeUtc={facts.notBeforeUtc} notAfterUtc={facts.notAfterUtc} />
    </div>
  );
}
