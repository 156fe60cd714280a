/** An authority by what a person compares: who, issued by whom, until when, fingerprints in groups of four; SM3 for SM2 keys, whose authorities publish that one. */
import { useTranslation } from 'react-i18next';
import type { AuthorityCertificate } from '#shared/contract/desktop/authorities.ts';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { groupSerialHex } from '../../../lib/group-serial.ts';

export function AuthorityFacts({ certificate: { facts, sm3Hex, selfSigned } }: { certificate: AuthorityCertificate }) {
  const { t } = useTranslation();
  return (
    <dl className="bk-facts">
      <div><dt>{t('authorities.subject')}</dt><dd>{facts.subject}</dd></div>
      {selfSigned ? null : <div><dt>{t('authorities.issuer')}</dt><dd>{facts.issuerCommonName}</dd></div>}
      <div><dt>{t('authorities.validity')}</dt><dd>{t('certificate.fromTo', { from: beijingTime(facts.notBeforeUtc), to: beijingTime(facts.notAfterUtc) })}</dd></div>
      <div><dt>{t('authorities.sha256')}</dt><dd><code>{groupSerialHex(facts.sha256Hex)}</code></dd></div>
      {facts.keyAlgorithm === 'sm2' ? <div><dt>{t('authorities.sm3')}</dt><dd><code>{groupSerialHex(sm3Hex)}</code></dd></div> : null}
    </dl>
  );
}
