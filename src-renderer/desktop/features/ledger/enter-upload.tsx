/** Enters where and when a sealed file was uploaded, with the receipt of the platform; and which file, where the bid was re-wrapped and has several. */
import { Input, Modal, Radio } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { forgetLedger, type LedgerRow } from '../../../lib/ledger-queries.ts';
import { useAction } from '../../../lib/use-action.ts';
import { useGenerationTitle } from './generation-title.ts';
import { generationsShown, type ShownGeneration } from './ledger-row.ts';

/** A choice, not a digest. */
const UNKNOWN = 'unknown';

export function EnterUpload({ row, onClose }: { row: LedgerRow; onClose: () => void }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const generations = generationsShown(row);
  // What a platform holds is known by its last upload: the same name again says that this one takes the place of the one before.
  const [platform, setPlatform] = useState(row.uploads.at(-1)?.platform ?? '');
  const [receipt, setReceipt] = useState('');
  const [which, setWhich] = useState<string | null>(null);
  const ready = platform.trim() !== '' && (generations.length === 1 || which !== null);
  const enter = useAction(async () => {
    const said = which === null ? {} : { headerHex: which === UNKNOWN ? null : which };
    await engine.call('ledger.addUpload', { sealId: row.sealId, platform: platform.trim(), receipt: receipt.trim() === '' ? null : receipt.trim(), ...said });
    forgetLedger(client);
    onClose();
  });
  return (
    <Modal open title={t('ledger.upload.title')} okText={t('ledger.upload.ok')} cancelText={t('common.cancel')} okButtonProps={{ disabled: !ready, loading: enter.running }} className="bk-dialog" onOk={() => void enter.run()} onCancel={onClose} destroyOnHidden>
      <form className="bk-form" onSubmit={(event) => { event.preventDefault(); if (ready) void enter.run(); }}>
        {enter.error ? <ErrorPanel error={enter.error} /> : null}
        <p><strong>{row.tenderName}</strong></p>
        {generations.length > 1 ? <WhichFile generations={generations} value={which} onChange={setWhich} /> : null}
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

/** The seal id is the same for all of them: only the person knows which file went up. */
function WhichFile({ generations, value, onChange }: { generations: readonly ShownGeneration[]; value: string | null; onChange: (value: string) => void }) {
  const { t } = useTranslation();
  const title = useGenerationTitle();
  return (
    <fieldset className="bk-field bk-which-file">
      <legend>{t('ledger.upload.which')}</legend>
      <Radio.Group value={value} onChange={(event) => onChange(String(event.target.value))}>
        {generations.map((one) => (
          <Radio key={one.headerHex ?? one.madeAtUtc} value={one.headerHex ?? ''} disabled={one.headerHex === null}>
            {title(one)}
            <span className="bk-secondary bk-which-path">{one.file ?? t('ledger.details.fileUnknown')}{one.headerHex === null ? ` · ${t('ledger.upload.enterFirst')}` : ''}</span>
          </Radio>
        ))}
        <Radio value={UNKNOWN}>{t('ledger.upload.whichUnknown')}</Radio>
      </Radio.Group>
      <p className="bk-secondary">{t('ledger.upload.whichMeaning')}</p>
    </fieldset>
  );
}
