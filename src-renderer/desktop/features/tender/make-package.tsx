/** Signs and writes the tender package: key, place, one PIN, progress. */
import { Alert, Button } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TenderDraft } from '#shared/contract/desktop/tenders.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { ChoosePluggedKey } from '../../../components/choose-plugged-key.tsx';
import { Section } from '../../../components/page.tsx';
import { PathField } from '../../../components/path-field.tsx';
import { PinDialog, type PinAnswer } from '../../../components/pin-dialog.tsx';
import { WorkProgress } from '../../../components/work-progress.tsx';
import { useBidWork, useKeep } from '../../../lib/bid-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { useAction } from '../../../lib/use-action.ts';

export function MakePackage({ draft }: { draft: TenderDraft }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const [token, setToken] = useState<TokenSummary | null>(null);
  const [folder, setFolder] = useState('');
  const [asking, setAsking] = useState(false);
  const [workId, setWorkId] = useState<string | null>(null);
  const work = useBidWork(workId).data ?? null;
  const keepTender = keep.tender;
  const ended = work !== null && work.state !== 'running' ? work.id : null;
  useEffect(() => {
    // A draft that cannot be read says so by its own query.
    if (ended !== null) void engine.call('tenders.get', { draftId: draft.id }).then(keepTender, () => undefined);
  }, [engine, ended, draft.id, keepTender]);
  const make = useAction(async ({ pin, confirmedFewTries }: PinAnswer) => {
    if (token === null) return;
    const begun = await engine.call('tenders.make', { draftId: draft.id, token: token.ref, pin, confirmedFewTries, outPath: `${folder.trim().replace(/[\\/]+$/, '')}/${fileName(draft)}` });
    keep.work(begun);
    setWorkId(begun.id);
    setAsking(false);
  });
  const missing = [draft.tenderId === '' ? t('bids.info.tenderId') : '', draft.tenderer === '' ? t('bids.tender.tenderer') : '', draft.openers.length === 0 ? t('tender.openers') : '', draft.documents.length === 0 ? t('tender.documents') : ''].filter((text) => text !== '');
  return (
    <Section number={5} title={t('tender.make')}>
      <ChoosePluggedKey title={t('bids.sign.chooseKey')} accepts={(one) => one.certificates.some(({ purpose }) => purpose !== 'encrypt')} value={token} onChange={setToken} />
      <PathField label={t('bids.seal.folder')} wanted="folder" value={folder} onChange={setFolder} />
      {draft.made.length > 0 && work?.state !== 'done' ? <Alert type="info" showIcon title={t('tender.addendum')} /> : null}
      {missing.length > 0 ? <Alert type="warning" showIcon title={t('tender.missing', { what: missing.join(t('common.listSeparator')) })} /> : null}
      {work && work.state !== 'done' ? <WorkProgress work={work} /> : null}
      {work?.state === 'done' ? <Alert type="success" showIcon title={t('tender.done', { path: work.madePath ?? '' })} /> : null}
      <div className="bk-submit"><Button type="primary" size="large" disabled={token === null || folder.trim() === '' || missing.length > 0 || work?.state === 'running'} onClick={() => setAsking(true)}>{t('tender.makeIt')}</Button></div>
      {token ? <PinDialog open={asking} title={t('tender.pinTitle')} okText={t('tender.makeIt')} token={token} running={make.running} error={make.error} onSubmit={(answer) => void make.run(answer)} onCancel={() => { setAsking(false); make.clear(); }}><p>{t('tender.willSign', { title: draft.title, count: draft.documents.length })}</p></PinDialog> : null}
    </Section>
  );
}

/** Numbered by how many there are: a supplementary package never takes the name of the first. */
function fileName(draft: TenderDraft): string {
  const plain = `${draft.tenderId}_${draft.title}`.replace(/[\\/<>:"|?*\s]+/g, '_').slice(0, 80);
  return draft.made.length === 0 ? `${plain}.tender` : `${plain}_${draft.made.length + 1}.tender`;
}
