/** Reads an exported ledger in, from a file that the person chooses. */
import { UploadOutlined } from '@ant-design/icons';
import { App, Button } from 'antd';
import { useRef, type ChangeEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { DesktopOutput } from '#shared/contract/desktop/desktop-contract.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { useAction } from '../../../lib/use-action.ts';

/** Of the contract: longer ones are read in by the command line. */
const MAX_TEXT = 100_000;

export function ReadLedgerIn({ onDone }: { onDone: (done: DesktopOutput<'ledger.import'>) => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const engine = useEngine();
  const field = useRef<HTMLInputElement>(null);
  const read = useAction(async (file: File) => {
    const text = await file.text();
    if (text.length > MAX_TEXT) void message.warning(t('ledger.import.tooLarge'));
    else onDone(await engine.call('ledger.import', { source: { kind: 'json', text } }));
  });

  function chosen(event: ChangeEvent<HTMLInputElement>) {
    const file = event.target.files?.[0];
    // The same file may be chosen again after it was mended.
    event.target.value = '';
    if (file) void read.run(file);
  }

  return (
    <>
      <input ref={field} type="file" accept="application/json,.json" hidden onChange={chosen} aria-label={t('ledger.import.openJson')} />
      <Button icon={<UploadOutlined />} loading={read.running} onClick={() => field.current?.click()}>{t('ledger.import.openJson')}</Button>
      {read.error ? <ErrorPanel error={read.error} /> : null}
    </>
  );
}
