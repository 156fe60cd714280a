/** Who can open: groups with their certificates, where each comes from, whether it was tested; added from plugged keys, files and memory. */
import { CloseOutlined, PlusOutlined, SafetyCertificateOutlined } from '@ant-design/icons';
import { Button, Checkbox, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BidOpener, ChosenOpener } from '#shared/contract/desktop/bids.ts';
import type { FileSource } from '#shared/contract/desktop/bid-files.ts';
import { beijingTime } from '../lib/beijing-time.ts';
import { useEngine } from '../lib/engine.tsx';
import { useGroupTitle } from '../lib/group-title.ts';
import { AddFiles } from './add-files.tsx';
import { CertificateLine } from './certificate-line.tsx';
import { Loading } from './loading.tsx';
import { ToneTag } from './tone-tag.tsx';

const CERTIFICATE_ENDINGS = ['.cer', '.crt', '.pem', '.der'];

interface OpenerPickerProps {
  readonly groups: readonly string[];
  readonly openers: readonly BidOpener[];
  /** Groups that the tender fixes. */
  readonly fixedGroups?: readonly string[];
  /** Asked for when a person wants to add. */
  readonly candidates: readonly BidOpener[] | null;
  readonly onAsk: () => void;
  readonly saving: boolean;
  readonly onChange: (openers: ChosenOpener[]) => void;
}

const plain = ({ group, certificateDer, source }: BidOpener): ChosenOpener => ({ group, certificateDer, source });

export function OpenerPicker({ groups, openers, fixedGroups = [], candidates, onAsk, saving, onChange }: OpenerPickerProps) {
  const { t } = useTranslation();
  const groupTitle = useGroupTitle();
  const [adding, setAdding] = useState<string | null>(null);
  return (
    <div className="bk-stack">
      {groups.map((group, index) => (
        <section key={group} className="bk-opener-group" aria-label={groupTitle(group)}>
          <div className="bk-section-head">
            <h3>{index > 0 ? <span className="bk-and">{t('bids.openers.and')}</span> : null}{groupTitle(group)} <span className="bk-secondary">{t('bids.openers.anyOf')}</span></h3>
            {fixedGroups.includes(group) ? <span className="bk-secondary">{t('bids.openers.fixed')}</span> : <Button icon={<PlusOutlined />} aria-label={t('bids.openers.addTo', { group: groupTitle(group) })} onClick={() => { onAsk(); setAdding(group); }}>{t('bids.openers.add')}</Button>}
          </div>
          <ul className="bk-plain-list bk-openers">
            {openers.filter((one) => one.group === group).map((opener) => (
              <li key={opener.facts.sha256Hex}>
                <CertificateLine facts={opener.facts} />
                <OpenerTags opener={opener} />
                {fixedGroups.includes(group) ? null : <Button size="small" type="text" icon={<CloseOutlined />} disabled={saving} aria-label={t('bids.openers.remove', { name: opener.facts.subjectCommonName })} onClick={() => onChange(openers.filter((one) => one !== opener).map(plain))} />}
              </li>
            ))}
            {openers.every((one) => one.group !== group) ? <li className="bk-warn">{t('bids.openers.none')}</li> : null}
          </ul>
        </section>
      ))}
      <AddOpeners group={adding} candidates={candidates} taken={openers} onAdd={(more) => { onChange([...openers, ...more].map(plain)); setAdding(null); }} onClose={() => setAdding(null)} />
    </div>
  );
}

export function OpenerTags({ opener }: { opener: BidOpener }) {
  const { t } = useTranslation();
  return (
    <span>
      <ToneTag tone="plain">{t(`bids.openers.source.${opener.source}`)}</ToneTag>
      {opener.shut === undefined ? null : <ToneTag tone="bad">{t('bids.openers.shut')}</ToneTag>}
      {opener.testedAtUtc === null ? (opener.group === 'bidder' ? <ToneTag tone="notice">{t('bids.openers.untested')}</ToneTag> : null) : <ToneTag tone="ok">{t('bids.openers.tested', { time: beijingTime(opener.testedAtUtc) })}</ToneTag>}
    </span>
  );
}

interface AddOpenersProps {
  /** Which group; null: the dialog is closed. */
  readonly group: string | null;
  readonly candidates: readonly BidOpener[] | null;
  readonly taken: readonly BidOpener[];
  readonly onAdd: (openers: BidOpener[]) => void;
  readonly onClose: () => void;
}

/** From plugged keys, certificate files and memory. */
export function AddOpeners({ group, candidates, taken, onAdd, onClose }: AddOpenersProps) {
  const { t } = useTranslation();
  const groupTitle = useGroupTitle();
  const engine = useEngine();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [fromFiles, setFromFiles] = useState<readonly BidOpener[]>([]);
  const offered = [...fromFiles, ...(candidates ?? [])].filter((one, i, all) => all.findIndex((other) => other.facts.sha256Hex === one.facts.sha256Hex) === i && !taken.some((other) => other.facts.sha256Hex === one.facts.sha256Hex));

  async function readFile(source: FileSource): Promise<void> {
    const { certificateDer, facts } = await engine.call('bids.readCertificate', { source });
    setFromFiles((before) => [{ group: group ?? '', certificateDer, source: 'file', facts, testedAtUtc: null }, ...before]);
    setChosen((before) => new Set([...before, facts.sha256Hex]));
  }
  function close() {
    setChosen(new Set());
    setFromFiles([]);
    onClose();
  }
  function add() {
    if (group !== null) onAdd(offered.filter((one) => chosen.has(one.facts.sha256Hex)).map((one) => ({ ...one, group })));
    setChosen(new Set());
    setFromFiles([]);
  }
  return (
    <Modal open={group !== null} title={group === null ? '' : t('bids.openers.addTo', { group: groupTitle(group) })} width={760} className="bk-dialog" okText={t('bids.openers.addChosen')} cancelText={t('common.cancel')} okButtonProps={{ disabled: chosen.size === 0 }} onOk={add} onCancel={close} destroyOnHidden>
      <div className="bk-stack">
        <p className="bk-secondary">{t('bids.openers.addHint')}</p>
        {candidates === null ? <Loading /> : null}
        <ul className="bk-plain-list bk-openers">
          {offered.map((one) => (
            <li key={one.facts.sha256Hex}>
              <Checkbox checked={chosen.has(one.facts.sha256Hex)} disabled={one.shut !== undefined} aria-label={one.facts.subjectCommonName} onChange={() => setChosen((before) => toggled(before, one.facts.sha256Hex))} />
              <CertificateLine facts={one.facts} />
              <OpenerTags opener={one} />
            </li>
          ))}
          {candidates !== null && offered.length === 0 ? <li className="bk-secondary"><SafetyCertificateOutlined aria-hidden="true" /> {t('bids.openers.noCandidates')}</li> : null}
        </ul>
        <AddFiles label={t('bids.openers.fromFile')} endings={CERTIFICATE_ENDINGS} onFile={readFile} />
      </div>
    </Modal>
  );
}

function toggled(set: ReadonlySet<string>, value: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}
