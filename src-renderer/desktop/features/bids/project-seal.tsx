/** 生成标书: check list, signing key, where to; one press and one PIN; progress; then what came out and what has to be kept safe. */
import { Button, Checkbox } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BidProject, SealedOutput } from '#shared/contract/desktop/bids.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { ChoosePluggedKey } from '../../../components/choose-plugged-key.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Section } from '../../../components/page.tsx';
import { PathField } from '../../../components/path-field.tsx';
import { PinDialog, type PinAnswer } from '../../../components/pin-dialog.tsx';
import { WorkProgress } from '../../../components/work-progress.tsx';
import { useBidChecks, useBidWork, useKeep } from '../../../lib/bid-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { useAction } from '../../../lib/use-action.ts';
import { CheckList } from './check-list.tsx';
import { SealResult } from './seal-result.tsx';
import { useAfterWork } from './use-after-work.ts';

export function ProjectSeal({ project }: { project: BidProject }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const [token, setToken] = useState<TokenSummary | null>(null);
  const [outFolder, setOutFolder] = useState('');
  const [backup, setBackup] = useState(true);
  const [ticket, setTicket] = useState(true);
  const [asking, setAsking] = useState(false);
  const [workId, setWorkId] = useState<string | null>(null);
  const work = useBidWork(workId).data ?? null;
  useAfterWork(work, project.id, () => undefined);
  const suggest = useAction(async () => setOutFolder((await engine.call('bids.suggestFolder', { projectId: project.id })).path));
  const begin = suggest.run;
  useEffect(() => void begin(), [begin]);

  const checks = useBidChecks({ projectId: project.id, outFolder, token: token?.ref ?? null }, project.revision);
  const blocked = checks.data?.some(({ verdict }) => verdict === 'blocked') ?? true;
  const seal = useAction(async ({ pin, confirmedFewTries }: PinAnswer) => {
    if (token === null) return;
    const begun = await engine.call('bids.seal', { projectId: project.id, token: token.ref, pin, confirmedFewTries, outFolder, backup, ticket });
    keep.work(begun);
    setWorkId(begun.id);
    setAsking(false);
  });
  const running = work?.state === 'running';
  return (
    <div className="bk-stack">
      {work?.state === 'done' && work.output ? <SealResult output={work.output} fresh /> : null}
      <Section number={1} title={t('bids.seal.key')}>
        <ChoosePluggedKey title={t('bids.sign.chooseKey')} accepts={(one) => one.certificates.some(({ purpose }) => purpose !== 'encrypt')} value={token} onChange={setToken} />
      </Section>
      <Section number={2} title={t('bids.seal.where')}>
        <PathField label={t('bids.seal.folder')} wanted="folder" value={outFolder} hint={t('bids.seal.folderHint')} onChange={setOutFolder} />
        <Checkbox checked={backup} onChange={(event) => setBackup(event.target.checked)}>{t('bids.seal.backup')}</Checkbox>
        <p className="bk-secondary">{t('bids.seal.backupMeaning')}</p>
        <Checkbox checked={ticket} onChange={(event) => setTicket(event.target.checked)}>{t('bids.seal.ticket')}</Checkbox>
        <p className="bk-secondary">{t('bids.seal.ticketMeaning')}</p>
      </Section>
      <Section number={3} title={t('bids.seal.checks')} extra={<Button onClick={() => void checks.refetch()} loading={checks.isFetching}>{t('bids.seal.again')}</Button>}>
        <p>{t('bids.seal.suite', { suite: t(`bids.suite.${project.suite}`) })} <span className="bk-secondary">{project.tender ? t('bids.seal.suiteFixed') : null}</span></p>
        {checks.error ? <ErrorPanel error={checks.error} onRetry={() => void checks.refetch()} /> : null}
        {checks.data ? <CheckList checks={checks.data} projectId={project.id} /> : checks.error ? null : <Loading what={t('bids.seal.checking')} />}
      </Section>
      {work && work.state !== 'done' ? <WorkProgress work={work} /> : null}
      {suggest.error ? <ErrorPanel error={suggest.error} /> : null}
      <div className="bk-submit">
        <Button type="primary" size="large" disabled={token === null || blocked || running || outFolder.trim() === ''} onClick={() => setAsking(true)}>{t('bids.seal.submit')}</Button>
        <span className="bk-secondary">{blocked && checks.data ? t('bids.seal.blocked') : token === null ? t('bids.seal.needKey') : t('bids.seal.offline')}</span>
      </div>
      {project.outputs.filter(({ sealIdHex }) => sealIdHex !== work?.output?.sealIdHex).map((output) => <SealResult key={output.sealIdHex} output={output} fresh={false} older={answersOlder(project, output)} />)}
      {token ? (
        <PinDialog open={asking} title={t('bids.seal.pinTitle')} okText={t('bids.seal.submit')} token={token} running={seal.running} error={seal.error} onSubmit={(answer) => void seal.run(answer)} onCancel={() => { setAsking(false); seal.clear(); }}>
          <p>{t('bids.seal.willSign', { count: project.documents.length })}</p>
        </PinDialog>
      ) : null}
    </div>
  );
}

/** Sealed for a tender package that was replaced since. */
const answersOlder = ({ tender }: BidProject, { tenderSealIdHex }: SealedOutput): boolean => tender !== null && tenderSealIdHex !== undefined && tenderSealIdHex !== tender.sealIdHex;
