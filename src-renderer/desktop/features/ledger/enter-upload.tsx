/** Enters where and when a sealed file was uploaded, with the receipt of the platform. */
import { Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { forgetLedger, type LedgerRow } from '../../../lib/ledger-queries.ts';
import { useAction } from '../../../lib/use-action.ts';

export function EnterUpload({ row, onClose }: { row: LedgerRow; onClose: () => void }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const [platform, setPlatform] = useState('');
  const [receipt, setReceipt] = useState('');
  const ready = platform.trim() !== '';
  const enter = useAction(async () => {
    await engine.call('ledger.addUpload', { sealId: row.sealId, platform: platform.trim(), receipt: receipt.trim() === '' ? null : receipt.trim() });
    forgetLedger(client);
    onClose();
  });
  return (
    <Modal open title={t('ledger.upload.title')} okText={t('ledger.upload.ok')} cancelText={t('common.cancel')} okButtonProps={{ disabled: !ready, loading: enter.running }} className="bk-dialog" onOk={() => void enter.run()} onCancel={onClose} destroyOnHidden>
      <form className="bk-form" onSubmit={(event) => { event.preventDefault(); if (ready) void enter.run(); }}>
        {enter.error ? <ErrorPanel error={enter.error} /> : null}
        <p><strong>{row.tenderName}</strong></p>
        <div className="bk-field">
          <label htmlFor="upload-platform">{t('ledger.upload.platform')}</label>
          <Input id="upload-platform" maxLength={200} autoComplete="off" value={platform} onChange={(event) => setPlatform(event.target.value)} />
        </div>
        <div className="bk-field">
          <label htmlFor="upload-receipt">{t('ledger.upload.receipt')}</label>
          <Input id="upload-receipt" maxLength={200} autoComplete="off" value={receipt} onChange={(event) => setReceipt(event.target.value)} />
        </div>
        <button type="submit" hidden aria-hidden="true" tabIndex={-1} />
      </form>
    </Modal>
  );
}
