/** One opening session: the bids with their state, keys used one after the other, help from afar, the signed transcript at the end. */
import { CheckCircleFilled, FilePdfOutlined, ReloadOutlined, StopOutlined } from '@ant-design/icons';
import { Alert, Button, Checkbox, Progress } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { Opening, OpeningKey } from '#shared/contract/desktop/openings.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { fromErrorData } from '#shared/errors/app-error.ts';
import { ChoosePluggedKey } from '../../../components/choose-plugged-key.tsx';
import { CopyButton } from '../../../components/copy-button.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { PinDialog, type PinAnswer } from '../../../components/pin-dialog.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { useKeep, useOpening, useOpeningKey } from '../../../lib/bid-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { useGroupTitle } from '../../../lib/group-title.ts';
import { useAction } from '../../../lib/use-action.ts';
import { OpeningBids } from './opening-bids.tsx';
import { RemoteHelp } from './remote-help.tsx';
import './opening.css';

export function OpeningPage() {
  const { t } = useTranslation();
  const { openingId = '' } = useParams();
  const opening = useOpening(openingId);
  if (opening.error) return <Page title={t('opening.title')}><ErrorPanel error={opening.error} onRetry={() => void opening.refetch()} actions={<Link to="/opening" className="bk-button-link">{t('opening.back')}</Link>} /></Page>;
  if (!opening.data) return <Loading />;
  return <Session opening={opening.data} />;
}

function Session({ opening }: { opening: Opening }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const rescan = useAction(async () => keep.opening(await engine.call('openings.rescan', { openingId: opening.id })));
  const stop = useAction(async () => keep.opening(await engine.call('openings.stop', { openingId: opening.id })));
  const stopped = opening.bids.filter(({ state, error }) => error !== null && state !== 'refused').length;
  const percent = opening.total === 0 ? 0 : Math.floor((opening.opened / opening.total) * 100);
  return (
    <Page title={opening.name} lead={opening.folder} actions={<><Link to="/opening" className="bk-button-link">{t('opening.back')}</Link>{opening.state === 'open' ? <Button icon={<ReloadOutlined />} loading={rescan.running} onClick={() => void rescan.run()}>{t('opening.rescan')}</Button> : null}</>}>
      {opening.transcript ? <Finished opening={opening} /> : null}
      <Section title={t('opening.progress', { opened: opening.opened, total: opening.total })} extra={opening.state === 'running' ? <Button danger icon={<StopOutlined />} loading={stop.running} onClick={() => void stop.run()}>{t('opening.stop')}</Button> : null}>
        <Progress percent={percent} status={opening.state === 'running' ? 'active' : 'normal'} aria-label={t('opening.progress', { opened: opening.opened, total: opening.total })} />
        {stopped > 0 ? <p className="bk-bad">{t('opening.stoppedCount', { count: stopped })}</p> : null}
        {opening.refused > 0 ? <p className="bk-bad">{t('opening.refusedCount', { count: opening.refused })}</p> : null}
        {opening.error ? <ErrorPanel error={fromErrorData(opening.error)} /> : null}
        {rescan.error ?? stop.error ? <ErrorPanel error={rescan.error ?? stop.error} /> : null}
      </Section>
      {opening.state === 'finished' ? null : <UseKey opening={opening} />}
      <Section title={t('opening.bids')}><OpeningBids opening={opening} /></Section>
      {opening.state === 'finished' ? null : <RemoteHelp opening={opening} />}
      {opening.keys.length > 0 ? (
        <Section title={t('opening.keysUsed')}>
          <ul className="bk-plain-list bk-kept">{opening.keys.map((key) => <li key={`${key.serial} ${key.usedAtUtc}`}><span>{key.holder}</span><code>{key.serial}</code><span>{beijingTime(key.usedAtUtc)}</span><span className="bk-secondary">{t('opening.keyDid', { opened: key.opened, shares: key.shares })}</span></li>)}</ul>
        </Section>
      ) : null}
    </Page>
  );
}

/** One key, one PIN, every bid that waits for it. */
function UseKey({ opening }: { opening: Opening }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const [token, setToken] = useState<TokenSummary | null>(null);
  const [asking, setAsking] = useState<'use' | 'finish' | null>(null);
  const [early, setEarly] = useState(false);
  // What the person said of this key; until then the proposal stands.
  const [signing, setSigning] = useState<{ serial: string; wanted: boolean } | null>(null);
  const asked = useOpeningKey(opening, token?.ref ?? null);
  const role = asked.data;
  const signs = signing !== null && signing.serial === token?.ref.serial ? signing.wanted : (role?.proposedForTranscript ?? false);
  const earliest = opening.bids.filter(({ state, opensAtUtc }) => state !== 'opened' && state !== 'refused' && opensAtUtc !== null && Date.parse(opensAtUtc) > Date.now()).map(({ opensAtUtc }) => opensAtUtc ?? '').sort().at(-1);
  const use = useAction(async ({ pin, confirmedFewTries }: PinAnswer) => {
    if (token === null) return;
    keep.opening(await engine.call('openings.useKey', { openingId: opening.id, token: token.ref, pin, confirmedFewTries, signTranscript: signs, ...(early ? { beforeTimeConfirmed: true } : {}) }));
    setAsking(null);
  });
  const finish = useAction(async ({ pin, confirmedFewTries }: PinAnswer) => {
    if (token === null) return;
    keep.opening(await engine.call('openings.finish', { openingId: opening.id, token: token.ref, pin, confirmedFewTries }));
    setAsking(null);
  });
  const running = opening.state === 'running';
  const allOpen = !running && opening.total > 0 && opening.opened === opening.total;
  const action = asking === 'finish' ? finish : use;
  return (
    <Section title={allOpen ? t('opening.finish') : t('opening.useKey')}>
      {allOpen ? <Alert type="info" showIcon title={t('opening.allOpen')} description={t('opening.allOpenNext')} /> : <p className="bk-secondary">{t('opening.useKeyMeaning')}</p>}
      <ChoosePluggedKey title={t('opening.chooseKey')} accepts={canOpen} value={token} onChange={setToken} />
      {role ? <KeyRole role={role} /> : null}
      {token && !allOpen ? <Checkbox checked={signs} disabled={running} onChange={(event) => setSigning({ serial: token.ref.serial, wanted: event.target.checked })}>{t('opening.signTranscript')}</Checkbox> : null}
      {earliest ? (
        <>
          <Alert type="warning" showIcon title={t('opening.early', { time: beijingTime(earliest) })} />
          <Checkbox checked={early} onChange={(event) => setEarly(event.target.checked)}>{t('opening.earlyConfirm')}</Checkbox>
        </>
      ) : null}
      <div className="bk-submit">
        {allOpen ? null : <Button type="primary" size="large" disabled={token === null || asked.isPending || running || (earliest !== undefined && !early)} loading={running} onClick={() => setAsking('use')}>{running ? t('opening.running') : t('opening.open')}</Button>}
        <Button {...(allOpen ? { type: 'primary', size: 'large' } as const : {})} disabled={token === null || running || opening.bids.length === 0} onClick={() => setAsking('finish')}>{t('opening.finish')}</Button>
        {allOpen ? null : <span className="bk-secondary">{t('opening.finishMeaning')}</span>}
      </div>
      {token ? (
        <PinDialog open={asking !== null} title={asking === 'finish' ? t('opening.finishPin') : t('opening.pinTitle')} okText={asking === 'finish' ? t('opening.finish') : t('opening.open')} token={token} running={action.running} error={action.error} onSubmit={(answer) => void action.run(answer)} onCancel={() => { setAsking(null); use.clear(); finish.clear(); }}>
          <p>{asking === 'finish' ? t('opening.finishWill', { opened: opening.opened, total: opening.total }) : t('opening.onePin', { count: opening.total - opening.opened - opening.refused })}</p>
          {asking === 'finish' && role?.proposedForTranscript === false ? <Alert type="warning" showIcon title={t('opening.notTenderers')} /> : null}
          {asking === 'use' && signs ? <p>{t('opening.thenSigns')}</p> : null}
        </PinDialog>
      ) : null}
    </Section>
  );
}

/** Whose key it is in this session, before its PIN is asked. */
function KeyRole({ role }: { role: OpeningKey }) {
  const { t } = useTranslation();
  const groupTitle = useGroupTitle();
  if (role.groups.length === 0) return <p className="bk-secondary">{t('opening.noOpener')}</p>;
  const groups = role.groups.map(groupTitle).join(t('common.listSeparator'));
  return <p className="bk-secondary">{role.waiting > 0 ? t('opening.keyIs', { groups, count: role.waiting }) : t('opening.keyStands', { groups })}</p>;
}

/** A key without any encryption certificate opens nothing. */
const canOpen = (token: TokenSummary): boolean => token.certificates.some(({ purpose }) => purpose !== 'sign');

function Finished({ opening }: { opening: Opening }) {
  const { t } = useTranslation();
  const { transcript } = opening;
  if (!transcript) return null;
  return (
    <Section title={<><span className="bk-ok" aria-hidden="true"><CheckCircleFilled /></span> {t('opening.finished')}</>}>
      <dl className="bk-facts">
        <div><dt>{t('opening.signedBy')}</dt><dd>{transcript.signer.subjectCommonName} · {beijingTime(transcript.signedAtUtc)}</dd></div>
        <div><dt><FilePdfOutlined aria-hidden="true" /> PDF</dt><dd><code>{transcript.pdfPath}</code> <CopyButton text={transcript.pdfPath} label={t('bids.result.copyPath')} /></dd></div>
        <div><dt>JSON</dt><dd><code>{transcript.jsonPath}</code></dd></div>
        <div><dt>SHA-256</dt><dd><code>{transcript.sha256Hex}</code></dd></div>
        <div><dt>{t('opening.outFolder')}</dt><dd><code>{opening.outFolder}</code></dd></div>
      </dl>
      <p className="bk-secondary">{t('opening.signatureFiles')}</p>
    </Section>
  );
}
