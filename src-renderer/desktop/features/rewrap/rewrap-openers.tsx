/** Who opens it now and who shall: groups with their openers, those that are added with what a sealing would say of them, those that are taken off. */
import { CloseOutlined, PlusOutlined, UndoOutlined } from '@ant-design/icons';
import { Alert, Button } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BidOpener, SealedFacts } from '#shared/contract/desktop/bids.ts';
import type { OpenerCheck, RewrapBase } from '#shared/contract/desktop/rewraps.ts';
import { CertificateLine } from '../../../components/certificate-line.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { AddOpeners, OpenerTags } from '../../../components/opener-picker.tsx';
import { Section } from '../../../components/page.tsx';
import { ToneTag } from '../../../components/tone-tag.tsx';
import { beijingDate, beijingTime } from '../../../lib/beijing-time.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { useGroupTitle } from '../../../lib/group-title.ts';
import { refusalKey } from './refusal-key.ts';

export interface Change {
  readonly added: readonly BidOpener[];
  /** Fingerprints as the file has them. */
  readonly removed: ReadonlySet<string>;
}

interface RewrapOpenersProps {
  readonly base: RewrapBase;
  readonly change: Change;
  readonly onChange: (change: Change) => void;
}

export function RewrapOpeners({ base, change, onChange }: RewrapOpenersProps) {
  const { t } = useTranslation();
  const groupTitle = useGroupTitle();
  const [adding, setAdding] = useState<string | null>(null);
  const checks = useOpenerChecks(base.facts.path, change.added);
  const { groups } = base.facts;
  return (
    <Section number={2} title={t('rewrap.openers')}>
      <p className="bk-secondary">{t('rewrap.openersMeaning')}</p>
      {groups.map(({ name, openers }, index) => (
        <section key={name} className="bk-opener-group" aria-label={groupTitle(name)}>
          <div className="bk-section-head">
            <h3>{index > 0 ? <span className="bk-and">{t('bids.openers.and')}</span> : null}{groupTitle(name)} <span className="bk-secondary">{t('bids.openers.anyOf')}</span></h3>
            <Button icon={<PlusOutlined />} aria-label={t('bids.openers.addTo', { group: groupTitle(name) })} onClick={() => setAdding(name)}>{t('bids.openers.add')}</Button>
          </div>
          <ul className="bk-plain-list bk-openers">
            {openers.map((opener) => <PresentOpener key={opener.fingerprintHex} opener={opener} removed={change.removed.has(opener.fingerprintHex)} onToggle={() => onChange({ ...change, removed: toggled(change.removed, opener.fingerprintHex) })} />)}
            {change.added.filter(({ group }) => group === name).map((opener) => (
              <li key={opener.facts.sha256Hex} className="bk-opener-added">
                <CertificateLine facts={opener.facts} />
                <span><ToneTag tone="info">{t('rewrap.willAdd')}</ToneTag><OpenerTags opener={opener} /></span>
                <CheckTags check={checks.data?.find(({ sha256Hex }) => sha256Hex === opener.facts.sha256Hex) ?? null} />
                <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t('bids.openers.remove', { name: opener.facts.subjectCommonName })} onClick={() => onChange({ ...change, added: change.added.filter((one) => one !== opener) })} />
              </li>
            ))}
          </ul>
          {name !== 'bidder' && changes(name) ? <Alert type="warning" showIcon title={t('rewrap.tenderDecides')} /> : null}
        </section>
      ))}
      {checks.error ? <ErrorPanel error={checks.error} /> : null}
      {change.removed.size > 0 ? <Alert type="warning" showIcon title={t('rewrap.removeMeaning')} /> : null}
      <AddOpeners group={adding} candidates={base.candidates} taken={change.added} onAdd={(more) => { onChange({ ...change, added: [...change.added, ...more] }); setAdding(null); }} onClose={() => setAdding(null)} />
    </Section>
  );

  function changes(group: string): boolean {
    return change.added.some((one) => one.group === group) || groups.some(({ name, openers }) => name === group && openers.some(({ fingerprintHex }) => change.removed.has(fingerprintHex)));
  }
}

function PresentOpener({ opener, removed, onToggle }: { opener: SealedFacts['groups'][number]['openers'][number]; removed: boolean; onToggle: () => void }) {
  const { t } = useTranslation();
  return (
    <li>
      <div className={`bk-certificate-line${removed ? ' bk-opener-struck' : ''}`}>
        <strong>{opener.label}</strong>
        <span className="bk-secondary bk-nowrap">{t('certificate.until', { date: beijingDate(opener.notAfterUtc) })}</span>
      </div>
      {opener.pluggedSerial === null ? null : <ToneTag tone="ok">{t('sealed.plugged')}</ToneTag>}
      {removed ? <ToneTag tone="warn">{t('rewrap.willRemove')}</ToneTag> : null}
      <Button size="small" type="text" icon={removed ? <UndoOutlined /> : <CloseOutlined />} aria-label={t(removed ? 'rewrap.keepOne' : 'rewrap.removeOne', { name: opener.label })} onClick={onToggle} />
    </li>
  );
}

/** What the sealing would say of it; nothing while it is being asked. */
function CheckTags({ check }: { check: OpenerCheck | null }) {
  const { t } = useTranslation();
  if (check === null) return null;
  if (check.refusal !== null) return <ToneTag tone="bad">{t(`rewrap.refusal.${refusalKey(check.refusal)}`)}</ToneTag>;
  return (
    <span>
      {check.revocation === 'good' ? <ToneTag tone="ok">{t('rewrap.notRevoked', { time: check.revocationAtUtc === null ? '' : beijingTime(check.revocationAtUtc) })}</ToneTag> : null}
      {check.warnings.map((warning) => <ToneTag key={warning} tone="notice">{t(`rewrap.warning.${warning}`)}</ToneTag>)}
    </span>
  );
}

/** The same question for the list and for the button below it. */
export function useOpenerChecks(path: string, added: readonly BidOpener[]) {
  const engine = useEngine();
  return useQuery({
    queryKey: ['rewraps', 'checks', path, added.map(({ group, facts }) => `${group} ${facts.sha256Hex}`)],
    queryFn: () => engine.call('rewraps.checkOpeners', { path, openers: added.map(({ group, certificateDer, source }) => ({ group, certificateDer, source })) }),
    enabled: added.length > 0, staleTime: 0, gcTime: 0,
  });
}

function toggled(set: ReadonlySet<string>, value: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}
