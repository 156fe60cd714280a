/** What a project is: the tender package with its signer, or what the person says of the tender; number of the bid, bidder, algorithms; parts where no package fixes them. */
import { Button, Input, Radio, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BidPart, BidProject } from '#shared/contract/desktop/bids.ts';
import { BeijingTimeField } from '../../../components/beijing-time-field.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Section } from '../../../components/page.tsx';
import { PartsEditor } from '../../../components/parts-editor.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { useKeep } from '../../../lib/bid-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { useAction } from '../../../lib/use-action.ts';
import { TenderShown } from './new-project.tsx';

export function ProjectInfo({ project }: { project: BidProject }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const { tender } = project;
  const [name, setName] = useState(project.name);
  const [bidderName, setBidder] = useState(project.bidderName);
  const [bidId, setBidId] = useState(project.bidId);
  const [lot, setLot] = useState(project.lot);
  const [tenderTitle, setTitle] = useState(project.tenderTitle);
  const [tenderId, setTenderId] = useState(project.tenderId);
  const [opensAtUtc, setOpensAt] = useState(project.opensAtUtc);
  const [suite, setSuite] = useState(project.suite);
  const [parts, setParts] = useState<readonly BidPart[]>(project.parts.map(({ state: _state, ...part }) => part));

  const save = useAction(async () => {
    const own = { name: name.trim(), bidderName: bidderName.trim(), bidId: bidId.trim(), lot: lot.trim() };
    const given = tender ? {} : { tenderTitle: tenderTitle.trim(), tenderId: tenderId.trim(), opensAtUtc, suite, parts: [...parts] };
    keep.project(await engine.call('bids.update', { projectId: project.id, revision: project.revision, ...own, ...given }));
  });
  return (
    <form className="bk-stack" onSubmit={(event) => { event.preventDefault(); void save.run(); }}>
      {tender ? <Section title={t('bids.info.package')}><TenderShown facts={tender} /><ReplacedTenders project={project} /></Section> : null}
      <Section title={t('bids.info.title')}>
        <div className="bk-form-grid">
          <div className="bk-field"><label htmlFor="bid-name">{t('bids.new.name')}</label><Input id="bid-name" value={name} maxLength={200} onChange={(event) => setName(event.target.value)} /></div>
          <div className="bk-field"><label htmlFor="bid-bidder">{t('bids.info.bidder')}</label><Input id="bid-bidder" value={bidderName} maxLength={128} onChange={(event) => setBidder(event.target.value)} /></div>
          {tender ? null : <div className="bk-field"><label htmlFor="bid-tender-title">{t('bids.info.tenderTitle')}</label><Input id="bid-tender-title" value={tenderTitle} maxLength={200} onChange={(event) => setTitle(event.target.value)} /></div>}
          {tender ? null : <div className="bk-field"><label htmlFor="bid-tender-id">{t('bids.info.tenderId')}</label><Input id="bid-tender-id" value={tenderId} maxLength={128} onChange={(event) => setTenderId(event.target.value)} /></div>}
          <div className="bk-field">
            <label htmlFor="bid-lot">{t('bids.info.lot')}</label>
            {tender ? <Select id="bid-lot" value={lot} disabled={tender.lots.length === 0} options={tender.lots.map(({ id, title }) => ({ value: id, label: `${id} ${title}` }))} onChange={setLot} /> : <Input id="bid-lot" value={lot} maxLength={128} onChange={(event) => setLot(event.target.value)} />}
          </div>
          <div className="bk-field"><label htmlFor="bid-id">{t('bids.info.bidId')}</label><Input id="bid-id" value={bidId} maxLength={128} aria-describedby="bid-id-hint" onChange={(event) => setBidId(event.target.value)} /><p id="bid-id-hint" className="bk-secondary">{t('bids.info.bidIdHint')}</p></div>
          {tender ? null : <BeijingTimeField label={t('bids.info.opensAt')} value={opensAtUtc} onChange={setOpensAt} />}
          {tender ? null : (
            <div className="bk-field">
              <span className="bk-label">{t('bids.info.suite')}</span>
              <Radio.Group aria-label={t('bids.info.suite')} value={suite} options={(['sm', 'aes'] as const).map((value) => ({ value, label: t(`bids.suite.${value}`) }))} onChange={(event) => setSuite(event.target.value === 'aes' ? 'aes' : 'sm')} />
            </div>
          )}
        </div>
      </Section>
      {tender ? null : <Section title={t('bids.info.parts')}><PartsEditor parts={parts} withForms={false} onChange={setParts} /></Section>}
      {save.error ? <ErrorPanel error={save.error} /> : null}
      <div className="bk-actions"><Button type="primary" htmlType="submit" size="large" loading={save.running} disabled={name.trim() === '' || parts.some(({ title }) => title.trim() === '')}>{t('bids.info.save')}</Button></div>
    </form>
  );
}

function ReplacedTenders({ project: { replacedTenders } }: { project: BidProject }) {
  const { t } = useTranslation();
  if (replacedTenders.length === 0) return null;
  const opens = (utc: string | null) => (utc === null ? t('bids.list.noTime') : t('bids.list.opens', { time: beijingTime(utc) }));
  return (
    <div>
      <span className="bk-label">{t('tenderUpdate.replaced.title')}</span>
      <ul className="bk-effects bk-secondary">{replacedTenders.map((one) => <li key={one.sealIdHex}>{t('tenderUpdate.replaced.line', { made: beijingTime(one.madeAtUtc), signer: one.signerName, opens: opens(one.opensAtUtc), replaced: beijingTime(one.replacedAtUtc) })}</li>)}</ul>
    </div>
  );
}
