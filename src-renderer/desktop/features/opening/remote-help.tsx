/** 远程解密, the hall's side: challenge files for openers who are elsewhere, and their answers, which the hall's key opens when it is used next. */
import { Button, Collapse, InputNumber } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Opening } from '#shared/contract/desktop/openings.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { ChoosePluggedKey } from '../../../components/choose-plugged-key.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Section } from '../../../components/page.tsx';
import { PathField } from '../../../components/path-field.tsx';
import { PinDialog, type PinAnswer } from '../../../components/pin-dialog.tsx';
import { useKeep } from '../../../lib/bid-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { useAction } from '../../../lib/use-action.ts';

const DEFAULT_MINUTES = 60;

/** Folded away: most openings need no help from afar. */
export function RemoteHelp({ opening }: { opening: Opening }) {
  const { t } = useTranslation();
  return <Collapse items={[{ key: 'remote', label: t('opening.remote.title'), children: <Remote opening={opening} /> }]} />;
}

function Remote({ opening }: { opening: Opening }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const [token, setToken] = useState<TokenSummary | null>(null);
  const [minutes, setMinutes] = useState(DEFAULT_MINUTES);
  const [folder, setFolder] = useState(opening.challengeFolder ?? '');
  const [answers, setAnswers] = useState('');
  const [asking, setAsking] = useState(false);
  const make = useAction(async ({ pin, confirmedFewTries }: PinAnswer) => {
    if (token === null) return;
    keep.opening(await engine.call('openings.makeChallenges', { openingId: opening.id, token: token.ref, pin, confirmedFewTries, minutes, outFolder: folder.trim() }));
    setAsking(false);
  });
  const take = useAction(async () => {
    keep.opening(await engine.call('openings.addAnswers', { openingId: opening.id, path: answers.trim() }));
    setAnswers('');
  });
  const running = opening.state === 'running';
  return (
    <Section label={t('opening.remote.title')}>
      <p className="bk-secondary">{t('opening.remote.meaning')}</p>
      <ChoosePluggedKey title={t('opening.remote.hallKey')} accepts={(one) => one.certificates.length > 0} value={token} onChange={setToken} />
      <PathField label={t('opening.remote.challengeFolder')} wanted="folder" value={folder} onChange={setFolder} />
      <div className="bk-inline">
        <label htmlFor="challenge-minutes">{t('opening.remote.minutes')}</label>
        <InputNumber id="challenge-minutes" min={1} max={1440} value={minutes} onChange={(value) => setMinutes(value ?? DEFAULT_MINUTES)} />
        <Button disabled={token === null || folder.trim() === '' || running} onClick={() => setAsking(true)}>{t('opening.remote.make')}</Button>
        {opening.challengeFolder ? <span className="bk-ok">{t('opening.remote.made', { folder: opening.challengeFolder })}</span> : null}
      </div>
      <PathField label={t('opening.remote.answers')} wanted="folder" value={answers} hint={t('opening.remote.answersHint')} onChange={setAnswers} />
      <div className="bk-inline">
        <Button disabled={answers.trim() === '' || running} loading={take.running} onClick={() => void take.run()}>{t('opening.remote.take')}</Button>
        {opening.answers > 0 ? <span className="bk-ok">{t('opening.remote.waiting', { count: opening.answers })}</span> : null}
      </div>
      {take.error ? <ErrorPanel error={take.error} /> : null}
      {token ? <PinDialog open={asking} title={t('opening.remote.pinTitle')} okText={t('opening.remote.make')} token={token} running={make.running} error={make.error} onSubmit={(answer) => void make.run(answer)} onCancel={() => { setAsking(false); make.clear(); }} /> : null}
    </Section>
  );
}
