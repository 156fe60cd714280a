/** One certificate in plain words; the raw form is one click away. */
import { Collapse, Descriptions, Drawer } from 'antd';
import { useTranslation } from 'react-i18next';
import type { TokenCertificate } from '#shared/contract/desktop/tokens.ts';
import { beijingTime } from '../lib/beijing-time.ts';
import { splitDistinguishedName } from '../lib/distinguished-name.ts';
import { groupSerialHex } from '../lib/group-serial.ts';
import { certificatePem } from '../lib/pem.ts';
import { CopyButton } from './copy-button.tsx';
import { ValidityTag } from './validity-tag.tsx';

/** Attribute types with a name in certificate.attributes; others are shown as they are. */
const NAMED_ATTRIBUTES = ['CN', 'O', 'OU', 'L', 'ST', 'C', 'E', 'SERIALNUMBER'] as const;
type NamedAttribute = (typeof NAMED_ATTRIBUTES)[number];
const isNamed = (type: string): type is NamedAttribute => (NAMED_ATTRIBUTES as readonly string[]).includes(type);

export function CertificateDetails({ certificate, onClose }: { certificate: TokenCertificate | null; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Drawer open={certificate !== null} onClose={onClose} title={certificate ? t(`certificate.purpose.${certificate.purpose}`) : ''} size={560} destroyOnHidden>
      {certificate ? <Details certificate={certificate} /> : null}
    </Drawer>
  );
}

function Details({ certificate }: { certificate: TokenCertificate }) {
  const { t } = useTranslation();
  return (
    <div className="bk-stack">
      <p className="bk-secondary">{t(`certificate.meaning.${certificate.purpose}`)}</p>
      <Descriptions
        column={1}
        size="small"
        bordered
        items={[
          ...splitDistinguishedName(certificate.subject).map(({ type, value }, index) => ({ key: `${type}${index}`, label: isNamed(type) ? t(`certificate.attributes.${type}`) : type, children: value })),
          { key: 'validity', label: t('certificate.validity'), children: <>{t('certificate.fromTo', { from: beijingTime(certificate.notBeforeUtc), to: beijingTime(certificate.notAfterUtc) })} <ValidityTag {...certificate} /></> },
          { key: 'issuer', label: t('certificate.issuer'), children: certificate.issuerCommonName },
          { key: 'key', label: t('certificate.privateKey'), children: t(`certificate.hasKey.${certificate.hasPrivateKey === null ? 'unknown' : certificate.hasPrivateKey ? 'yes' : 'no'}`) },
        ]}
      />
      <Collapse items={[{ key: 'raw', label: t('certificate.raw'), children: <RawForm certificate={certificate} /> }]} />
    </div>
  );
}

function RawForm({ certificate }: { certificate: TokenCertificate }) {
  const { t } = useTranslation();
  const pem = certificatePem(certificate.certificateDer);
  return (
    <div className="bk-stack">
      <Descriptions
        column={1}
        size="small"
        items={[
          { key: 'subject', label: t('certificate.subjectRaw'), children: <code>{certificate.subject}</code> },
          { key: 'issuer', label: t('certificate.issuerRaw'), children: <code>{certificate.issuer}</code> },
          { key: 'serial', label: t('certificate.serial'), children: <code>{groupSerialHex(certificate.serialHex)}</code> },
          { key: 'algorithm', label: t('certificate.algorithm'), children: <code>{certificate.keyAlgorithm}</code> },
          { key: 'sha256', label: t('certificate.fingerprint'), children: <code>{groupSerialHex(certificate.sha256Hex)}</code> },
        ]}
      />
      <div><CopyButton text={pem} label={t('certificate.copyPem')} /></div>
      <pre className="bk-pem" tabIndex={0}>{pem}</pre>
    </div>
  );
}
