/** Enters a sealed file by its path: its public part is read; what it does not say, the person may. */
import { Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DesktopOutput } from '#shared/contract/desktop/desktop-contract.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { useAction } from '../../../lib/use-action.ts';
import { utcOfBeijingText } from './ledger-row.ts';

const NOTHING = { path: '', tenderName: '', bidderName: '', openingTime: '' };

interface EnterSealedFileProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onDone: (done: DesktopOutput<'ledger.import'>) => void;
}

export function EnterSealedFile({ open, onClose, onDone }: EnterSealedFileProps) {
  const { t } = useTranslation();
  const engine = useEngine();
  const [fields, setFields] = useState(NOTHING);
  const openingTimeUtc = utcOfBeijingText(fields.openingTime);
  const timeWrong = fields.openingTime.trim() !== '' && openingTimeUtc === null;
  const ready = fields.path.trim() !== '' && !timeWrong;

  const enter = useAction(async () => {
    const said = {
      ...(fields.tenderName.trim() === '' ? {} : { tenderName: fields.tenderName.trim() }),
      ...(fields.bidderName.trim() === '' ? {} : { bidderName: fields.bidderName.trim() }),
      ...(openingTimeUtc === null ? {} : { openingTimeUtc }),
    };
    onDone(await engine.call('ledger.import', { source: { kind: 'file', path: fields.path.trim(), ...said } }));
    close();
  });

  function close() {
    setFields(NOTHING);
    enter.clear();
    onClose();
  }

  return (
    <Modal
      open={open}
      title={t('ledger.import.title')}
      okText={t('ledger.import.ok')}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: !ready, loading: enter.running }}
      className="bk-dialog"
      onOk={() => void enter.run()}
      onCancel={close}
      destroyOnHidden
    >
      <form className="bk-form" onSubmit={(event) => { event.preventDefault(); if (ready) void enter.run(); }}>
        {enter.error ? <ErrorPanel error={enter.error} /> : null}
        <Field label={t('ledger.import.path')} hint={t('ledger.import.pathHint')} value={fields.path} maxLength={1024} onChange={(path) => setFields({ ...fields, path })} />
        <Field label={t('ledger.import.tenderName')} hint={t('ledger.import.tenderNameHint')} value={fields.tenderName} maxLength={300} onChange={(tenderName) => setFields({ ...fields, tenderName })} />
        <Field label={t('ledger.import.bidderName')} value={fields.bidderName} maxLength={300} onChange={(bidderName) => setFields({ ...fields, bidderName })} />
        <Field label={t('ledger.import.openingTime')} hint={timeWrong ? t('ledger.import.openingTimeWrong') : t('ledger.import.openingTimeHint')} wrong={timeWrong} value={fields.openingTime} maxLength={20} onChange={(openingTime) => setFields({ ...fields, openingTime })} />
        <button type="submit" hidden aria-hidden="true" tabIndex={-1} />
      </form>
    </Modal>
  );
}

function Field({ label, hint, wrong = false, value, maxLength, onChange }: { label: string; hint?: string; wrong?: boolean; value: string; maxLength: number; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <div className="bk-field">
      <label htmlFor={id}>{label}</label>
      <Input id={id} value={value} maxLength={maxLength} autoComplete="off" status={wrong ? 'error' : ''} aria-describedby={`${id}-hint`} onChange={(event) => onChange(event.target.value)} />
      {hint ? <p id={`${id}-hint`} className={wrong ? 'bk-bad' : 'bk-secondary'}>{hint}</p> : null}
    </div>
  );
}
