/** Chooses a file or a folder of this machine through the engine: places at the left, what is in the folder at the right. Works the same in the browser and in Electron. */
import { DesktopOutlined, DownloadOutlined, FileOutlined, FileTextOutlined, FolderAddOutlined, FolderFilled, HddOutlined, HomeOutlined, UpOutlined } from '@ant-design/icons';
import { Button, Input, Modal } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FolderEntry, FolderListing } from '#shared/contract/desktop/bid-files.ts';
import { beijingTime } from '../lib/beijing-time.ts';
import { useEngine } from '../lib/engine.tsx';
import { sizeText } from '../lib/sizes.ts';
import { useAction } from '../lib/use-action.ts';
import { ErrorPanel } from './error-panel.tsx';

interface FolderBrowserProps {
  readonly open: boolean;
  readonly wanted: 'file' | 'folder';
  readonly title: string;
  readonly endings?: readonly string[];
  /** Where to begin; the home folder when empty or not there. */
  readonly startAt?: string;
  readonly onChoose: (path: string) => void;
  readonly onClose: () => void;
}

const PLACE_ICONS = { home: <HomeOutlined />, documents: <FileTextOutlined />, desktop: <DesktopOutlined />, downloads: <DownloadOutlined />, drive: <HddOutlined /> } as const;

export function FolderBrowser({ open, wanted, title, endings, startAt = '', onChoose, onClose }: FolderBrowserProps) {
  const { t } = useTranslation();
  const engine = useEngine();
  const [listing, setListing] = useState<FolderListing | null>(null);
  const [chosen, setChosen] = useState<FolderEntry | null>(null);
  const [newName, setNewName] = useState<string | null>(null);

  const show = useAction(async (path: string | null) => {
    setListing(await engine.call('files.list', { path, ...(endings && wanted === 'file' ? { endings: [...endings] } : {}) }));
    setChosen(null);
  });
  const makeFolder = useAction(async (name: string) => {
    if (listing) setListing(await engine.call('files.makeFolder', { parent: listing.path, name }));
    setNewName(null);
  });
  const begin = show.run;
  // Read when it opens only: what is typed meanwhile must not move the browser.
  const start = useRef(startAt);
  start.current = startAt;
  useEffect(() => {
    if (!open) return;
    const wish = start.current === '' ? null : start.current;
    // A folder that is gone or not shown here is no reason to show nothing.
    void begin(wish).then((went) => (went || wish === null ? undefined : begin(null)));
  }, [open, begin]);

  const ready = wanted === 'folder' ? listing !== null : chosen !== null;
  const finish = () => {
    const path = wanted === 'folder' ? listing?.path : chosen?.path;
    if (path !== undefined) onChoose(path);
  };
  const press = (entry: FolderEntry) => (entry.kind === 'folder' ? void show.run(entry.path) : setChosen(entry));

  return (
    <Modal open={open} title={title} width={860} className="bk-dialog" okText={wanted === 'folder' ? t('files.chooseThisFolder') : t('files.choose')} cancelText={t('common.cancel')} okButtonProps={{ disabled: !ready }} onOk={finish} onCancel={onClose} destroyOnHidden>
      <div className="bk-browser">
        <nav className="bk-browser-places" aria-label={t('files.places')}>
          {listing?.places.map((place) => (
            <button key={place.path} type="button" className={listing.path === place.path ? 'bk-place bk-place-here' : 'bk-place'} onClick={() => void show.run(place.path)}>
              <span aria-hidden="true">{PLACE_ICONS[place.kind]}</span> <span>{place.kind === 'drive' ? place.name : t(`files.place.${place.kind}`)}</span>
            </button>
          ))}
        </nav>
        <div className="bk-browser-folder">
          <div className="bk-inline">
            <Button icon={<UpOutlined />} aria-label={t('files.up')} disabled={listing === null || listing.parent === null} onClick={() => void show.run(listing?.parent ?? null)} />
            <code className="bk-browser-path">{listing?.path ?? ''}</code>
            <Button icon={<FolderAddOutlined />} disabled={listing === null} onClick={() => setNewName('')}>{t('files.newFolder')}</Button>
          </div>
          {newName === null ? null : (
            <form className="bk-inline" onSubmit={(event) => { event.preventDefault(); if (newName.trim() !== '') void makeFolder.run(newName.trim()); }}>
              <Input autoFocus aria-label={t('files.newFolderName')} placeholder={t('files.newFolderName')} maxLength={100} value={newName} onChange={(event) => setNewName(event.target.value)} />
              <Button htmlType="submit" type="primary" loading={makeFolder.running} disabled={newName.trim() === ''}>{t('files.make')}</Button>
            </form>
          )}
          {makeFolder.error ? <ErrorPanel error={makeFolder.error} /> : null}
          {show.error ? <ErrorPanel error={show.error} /> : null}
          <ul className="bk-browser-entries" aria-label={t('files.entries')}>
            {listing?.entries.map((entry) => (
              <li key={entry.path}>
                <button type="button" aria-pressed={entry.kind === 'file' ? chosen?.path === entry.path : undefined} className={chosen?.path === entry.path ? 'bk-entry bk-entry-chosen' : 'bk-entry'} disabled={entry.kind === 'file' && wanted === 'folder'} onClick={() => press(entry)} onDoubleClick={() => (entry.kind === 'file' && wanted === 'file' ? onChoose(entry.path) : undefined)}>
                  <span aria-hidden="true">{entry.kind === 'folder' ? <FolderFilled className="bk-folder-icon" /> : <FileOutlined />}</span>
                  <span className="bk-entry-name">{entry.name}</span>
                  <span className="bk-secondary">{entry.sizeBytes === null ? '' : sizeText(entry.sizeBytes)}</span>
                  <span className="bk-secondary bk-nowrap">{entry.modifiedAtUtc === null ? '' : beijingTime(entry.modifiedAtUtc)}</span>
                </button>
              </li>
            ))}
            {listing?.entries.length === 0 ? <li className="bk-secondary bk-browser-empty">{wanted === 'file' && endings ? t('files.emptyOf', { endings: endings.join(' ') }) : t('files.empty')}</li> : null}
          </ul>
          <p className="bk-secondary">{listing?.freeBytes == null ? '' : t('files.free', { size: sizeText(listing.freeBytes) })}{listing?.cut ? ` ${t('files.cut')}` : ''}</p>
        </div>
      </div>
    </Modal>
  );
}
