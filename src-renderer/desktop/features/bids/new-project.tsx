/** A new project: from a tender package, whose signer is shown before it is taken over, or without one. */
import { CheckCircleOutlined } from '@ant-design/icons';
import { Button, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { TenderFacts } from '#shared/contract/desktop/bids.ts';
import { CertificateLine } from '../../../components/certificate-line.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { PathField } from '../../../components/path-field.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { useKeep } from '../../../lib/bid-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { keyHolder } from '../../../lib/key-certificates.ts';
import { useTokens } from '../../../lib/queries.ts';
import { useAction } from '../../../lib/use-action.ts';

export const TENDER_ENDINGS = ['.tender'];

export function NewProject({ way, onClose }: { way: 'from-tender' | 'without' | null; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal open={way !== null} title={way === 'from-tender' ? t('bids.new.fromTender') : t('bids.new.without')} width={720} className="bk-dialog" footer={null} onCancel={onClose} destroyOnHidden>
      {way === null ? null : <NewProjectForm fromTender={way === 'from-tender'} />}
    </Modal>
  );
}

function NewProjectForm({ fromTender }: { fromTender: boolean }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const navigate = useNavigate();
  const holder = (useTokens().data?.tokens ?? []).map(keyHolder).find((name) => name !== null) ?? '';
  const [path, setPath] = useState('');
  const [facts, setFacts] = useState<TenderFacts | null>(null);
  const [lot, setLot] = useState<string | null>(null);
  const [name, setName] = useState('');
  const [bidder, setBidder] = useState(holder);

  const look = useAction(async (wanted: string) => {
    setFacts(null);
    const read = await engine.call('bids.inspectTender', { source: { path: wanted } });
    setFacts(read);
    setLot(read.lots.length === 1 ? (read.lots[0]?.id ?? null) : null);
    setName(read.title);
  });
  const create = useAction(async () => {
    const made = await engine.call('bids.create', { name: name.trim(), tender: fromTender ? { path } : null, bidderName: bidder.trim(), ...(lot === null ? {} : { lot }) });
    keep.project(made);
    await navigate(`/bids/${made.id}`);
  });
  const choose = (next: string) => {
    setPath(next);
    setFacts(null);
    if (/\.tender$/i.test(next.trim())) void look.run(next.trim());
  };
  const ready = name.trim() !== '' && (!fromTender || (facts !== null && (facts.lots.length === 0 || lot !== null)));

  return (
    <form className="bk-form" onSubmit={(event) => { event.preventDefault(); if (ready) void create.run(); }}>
      {fromTender ? <PathField label={t('bids.new.file')} wanted="file" endings={TENDER_ENDINGS} value={path} hint={t('bids.new.fileHint')} onChange={choose} /> : <p className="bk-secondary">{t('bids.new.withoutHint')}</p>}
      {look.running ? <p role="status">{t('bids.new.verifying')}</p> : null}
      {look.error ? <ErrorPanel error={look.error} /> : null}
      {facts ? <TenderShown facts={facts} /> : null}
      {facts && facts.lots.length > 0 ? (
        <div className="bk-field">
          <label htmlFor="new-lot">{t('bids.info.lot')}</label>
          <Select id="new-lot" value={lot} placeholder={t('bids.new.chooseLot')} options={facts.lots.map(({ id, title }) => ({ value: id, label: `${id} ${title}` }))} onChange={setLot} />
        </div>
      ) : null}
      {!fromTender || facts ? (
        <>
          <div className="bk-field"><label htmlFor="new-name">{t('bids.new.name')}</label><Input id="new-name" value={name} maxLength={200} onChange={(event) => setName(event.target.value)} /></div>
          <div className="bk-field"><label htmlFor="new-bidder">{t('bids.info.bidder')}</label><Input id="new-bidder" value={bidder} maxLength={128} onChange={(event) => setBidder(event.target.value)} /></div>
        </>
      ) : null}
      {create.error ? <ErrorPanel error={create.error} /> : null}
      <div className="bk-actions"><Button type="primary" size="large" htmlType="submit" disabled={!ready} loading={create.running}>{t('bids.new.create')}</Button></div>
    </form>
  );
}

/** Who signed stands first: a tender package from somebody else is how a bid goes to the wrong openers. */
export function TenderShown({ facts }: { facts: TenderFacts }) {
  const { t } = useTranslation();
  return (
    <div className="bk-tender-shown">
      <p className="bk-ok"><CheckCircleOutlined aria-hidden="true" /> {t('bids.tender.signatureValid')}</p>
      <CertificateLine facts={facts.signer} />
      <p className={facts.signerTrust === 'untrusted' ? 'bk-bad' : 'bk-secondary'}>{t(`bids.tender.trust.${facts.signerTrust}`)} {t('bids.tender.checkSigner')}</p>
      <dl className="bk-facts">
        <div><dt>{t('bids.info.tenderTitle')}</dt><dd>{facts.title}</dd></div>
        <div><dt>{t('bids.info.tenderId')}</dt><dd>{facts.tenderId}</dd></div>
        <div><dt>{t('bids.tender.tenderer')}</dt><dd>{facts.tenderer}</dd></div>
        <div><dt>{t('bids.info.opensAt')}</dt><dd>{facts.opensAtUtc === null ? t('bids.list.noTime') : beijingTime(facts.opensAtUtc)}</dd></div>
        <div><dt>{t('bids.info.suite')}</dt><dd>{t(`bids.suite.${facts.suite}`)}</dd></div>
        <div><dt>{t('bids.tender.openers')}</dt><dd>{facts.groups.flatMap(({ openers }) => openers.map(({ subjectCommonName }) => subjectCommonName)).join(t('common.listSeparator'))}</dd></div>
        <div><dt>{t('bids.tender.parts')}</dt><dd>{facts.parts.map(({ title }) => title).join(t('common.listSeparator'))}</dd></div>
      </dl>
    </div>
  );
}
