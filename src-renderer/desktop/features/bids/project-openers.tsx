/** 解密证书: who can open, by groups; each opener's key can be tested here before anything depends on it. */
import { Alert, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BidProject, ChosenOpener } from '#shared/contract/desktop/bids.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { ChoosePluggedKey } from '../../../components/choose-plugged-key.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { OpenerPicker } from '../../../components/opener-picker.tsx';
import { Section } from '../../../components/page.tsx';
import { PinDialog, type PinAnswer } from '../../../components/pin-dialog.tsx';
import { useKeep, useOpenerCandidates } from '../../../lib/bid-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { useAction } from '../../../lib/use-action.ts';

export function ProjectOpeners({ project }: { project: BidProject }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const [asked, setAsked] = useState(false);
  const candidates = useOpenerCandidates(project.id, asked);
  const [token, setToken] = useState<TokenSummary | null>(null);
  const [testing, setTesting] = useState(false);
  const save = useAction(async (openers: ChosenOpener[]) => keep.project(await engine.call('bids.setOpeners', { projectId: project.id, openers })));
  const test = useAction(async ({ pin, confirmedFewTries }: PinAnswer) => {
    if (token === null) return;
    keep.project(await engine.call('bids.testKey', { projectId: project.id, token: token.ref, pin, confirmedFewTries }));
    setTesting(false);
  });
  const fixed = project.tender?.groups.map(({ name }) => name) ?? [];
  const groups = [...new Set(['bidder', ...fixed, ...(project.tender ? [] : ['tenderer']), ...project.openers.map(({ group }) => group)])];
  const holds = (one: TokenSummary) => one.certificates.some(({ sha256Hex }) => project.openers.some(({ facts }) => facts.sha256Hex === sha256Hex));
  return (
    <div className="bk-stack">
      <Section title={t('bids.openers.title')}>
        <p className="bk-secondary">{t('bids.openers.meaning')}</p>
        <OpenerPicker groups={groups} openers={project.openers} fixedGroups={fixed} candidates={candidates.data ?? null} onAsk={() => { setAsked(true); void candidates.refetch(); }} saving={save.running} onChange={(openers) => void save.run(openers)} />
        {candidates.error ? <ErrorPanel error={candidates.error} /> : null}
        {save.error ? <ErrorPanel error={save.error} /> : null}
        {!project.tender && project.openers.every(({ group }) => group !== 'tenderer') ? <Alert type="info" showIcon title={t('bids.openers.noTenderer')} /> : null}
      </Section>
      <Section title={t('bids.openers.testTitle')}>
        <p className="bk-secondary">{t('bids.openers.testMeaning')}</p>
        {project.openers.length === 0 ? null : <ChoosePluggedKey title={t('bids.openers.testKey')} accepts={holds} value={token} onChange={setToken} />}
        <div className="bk-actions"><Button disabled={token === null} onClick={() => setTesting(true)}>{t('bids.openers.test')}</Button></div>
        {token ? <PinDialog open={testing} title={t('bids.openers.testPin')} okText={t('bids.openers.test')} token={token} running={test.running} error={test.error} onSubmit={(answer) => void test.run(answer)} onCancel={() => { setTesting(false); test.clear(); }} /> : null}
      </Section>
    </div>
  );
}
