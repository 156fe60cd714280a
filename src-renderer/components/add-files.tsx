/** Files from wherever: dropped here, picked by the browser, or chosen on this machine (which copies nothing twice). */
import { FolderOpenOutlined, UploadOutlined } from '@ant-design/icons';
import { Button, Progress } from 'antd';
import { useRef, useState, type DragEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileSource } from '#shared/contract/desktop/bid-files.ts';
import { useEngine } from '../lib/engine.tsx';
import { uploadFile } from '../lib/upload-file.ts';
import { useAction } from '../lib/use-action.ts';
import { ErrorPanel } from './error-panel.tsx';
import { FolderBrowser } from './folder-browser.tsx';

interface AddFilesProps {
  /** What the files are for; names the controls. */
  readonly label: string;
  readonly endings?: readonly string[];
  readonly several?: boolean;
  readonly compact?: boolean;
  /** Called for each file; a refusal stops with that file. */
  readonly onFile: (source: FileSource) => Promise<unknown>;
}

export function AddFiles({ label, endings, several = true, compact = false, onFile }: AddFilesProps) {
  const { t } = useTranslation();
  const engine = useEngine();
  const picker = useRef<HTMLInputElement>(null);
  const [browsing, setBrowsing] = useState(false);
  const [over, setOver] = useState(false);
  const [sending, setSending] = useState<{ readonly name: string; readonly done: number } | null>(null);

  const take = useAction(async (files: readonly File[]) => {
    try {
      for (const file of several ? files : files.slice(0, 1)) {
        setSending({ name: file.name, done: 0 });
        await onFile(await uploadFile(engine, file, (done) => setSending({ name: file.name, done })));
      }
    } finally {
      setSending(null);
    }
  });
  const choose = useAction(async (path: string) => {
    setBrowsing(false);
    await onFile({ path });
  });

  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    const files = [...event.dataTransfer.files];
    if (files.length > 0) void take.run(files);
  }

  const busy = take.running || choose.running;
  return (
    <div
      className={`bk-add-files${over ? ' bk-add-files-over' : ''}${compact ? ' bk-add-files-compact' : ''}`}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <div className="bk-inline">
        <Button icon={<FolderOpenOutlined />} loading={choose.running} disabled={take.running} aria-label={t('files.addFromHere', { label })} onClick={() => setBrowsing(true)}>{t('files.add')}</Button>
        <Button icon={<UploadOutlined />} loading={take.running} disabled={choose.running} aria-label={t('files.uploadTo', { label })} onClick={() => picker.current?.click()}>{t('files.upload')}</Button>
        {compact ? null : <span className="bk-secondary">{busy ? t('files.checking') : t('files.dropHere')}</span>}
        <input ref={picker} type="file" hidden multiple={several} accept={endings?.join(',')} aria-label={t('files.uploadTo', { label })} onChange={(event) => { const files = [...(event.target.files ?? [])]; event.target.value = ''; if (files.length > 0) void take.run(files); }} />
      </div>
      {sending ? <Progress percent={Math.floor(sending.done * 100)} size="small" aria-label={sending.name} /> : null}
      {take.error ?? choose.error ? <ErrorPanel error={take.error ?? choose.error} /> : null}
      <FolderBrowser open={browsing} wanted="file" title={label} {...(endings ? { endings } : {})} onChoose={(path) => void choose.run(path)} onClose={() => setBrowsing(false)} />
    </div>
  );
}
