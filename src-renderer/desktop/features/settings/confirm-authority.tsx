/** Before an authority is trusted: its fingerprint, read and compared. What is confirmed here goes to the engine with the certificate, so that no other one is taken. */
import { Alert, Checkbox, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DesktopOutput } from '#shared/contract/desktop/desktop-contract.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { useAction } from '../../../lib/use-action.ts';
import { AuthorityFacts } from './authority-facts.tsx';
import { isInTime } from './is-in-time.ts';

interface ConfirmAuthorityProps {
  readonly candidate: DesktopOutput<'authorities.inspect'>;
  readonly onAdded: (changed: DesktopOutput<'authorities.add'>) => void;
  readonly onClose: () => void;
}

export function ConfirmAuthority({ candidate: { certificate, certificateDer, known }, onAdded, onClose }: ConfirmAuthorityProps) {
  const { t } = useTranslation();
  const engine = useEngine();
  const [compared, setCompared] = useState(false);
  const { facts } = certificate;
  const add = useAction(async () => onAdded(await engine.call('authorities.add', { certificateDer, confirmedSha256: facts.sha256Hex })));
  return (
    <Modal open title={t('authorities.addTitle')} width={720} className="bk-dialog" okText={t('authorities.trust')} cancelText={t('common.cancel')} okButtonProps={{ disabled: !compared || known, loading: add.running }} onOk={() => void add.run()} onCancel={onClose}>
      <div className="bk-stack">
        <strong>{facts.subjectCommonName}</strong>
        <AuthorityFacts certificate={certificate} />
        {known ? <Alert type="info" showIcon title={t('authorities.known')} /> : <Alert type="warning" showIcon title={t('authorities.addMeaning')} />}
        {certificate.role === 'between' ? <Alert type="info" showIcon title={t('authorities.role.between')} /> : null}
        {isInTime(facts) ? null : <Alert type="warning" showIcon title={t('authorities.expired')} />}
        {known ? null : <Checkbox checked={compared} onChange={(event) => setCompared(event.target.checked)}>{t('authorities.confirm')}</Checkbox>}
        {add.error ? <ErrorPanel error={add.error} /> : null}
      </div>
    </Modal>
  );
}
