/** A path of this machine: typed, or chosen in the folder browser. */
import { FolderOpenOutlined } from '@ant-design/icons';
import { Button, Input } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FolderBrowser } from './folder-browser.tsx';

interface PathFieldProps {
  readonly label: string;
  readonly wanted: 'file' | 'folder';
  readonly endings?: readonly string[];
  readonly value: string;
  readonly hint?: string;
  readonly onChange: (path: string) => void;
}

export function PathField({ label, wanted, endings, value, hint, onChange }: PathFieldProps) {
  const { t } = useTranslation();
  const id = useId();
  const [browsing, setBrowsing] = useState(false);
  return (
    <div className="bk-field">
      <label htmlFor={id}>{label}</label>
      <div className="bk-inline">
        <Input id={id} value={value} maxLength={1024} spellCheck={false} autoComplete="off" placeholder={wanted === 'file' ? t('files.typeFile') : t('files.typeFolder')} aria-describedby={hint ? `${id}-hint` : undefined} onChange={(event) => onChange(event.target.value)} />
        <Button icon={<FolderOpenOutlined />} onClick={() => setBrowsing(true)}>{t('files.browse')}</Button>
      </div>
      {hint ? <p id={`${id}-hint`} className="bk-secondary">{hint}</p> : null}
      <FolderBrowser open={browsing} wanted={wanted} title={label} {...(endings ? { endings } : {})} startAt={wanted === 'folder' ? value : folderOf(value)} onChoose={(path) => { onChange(path); setBrowsing(false); }} onClose={() => setBrowsing(false)} />
    </div>
  );
}

/** Of Windows and the others alike. */
function folderOf(path: string): string {
  return path.replace(/[\\/][^\\/]*$/, '');
}
