/** 诊断: what was looked at, what is wrong, why, and what to do; problems first within each area. */
import { DownloadOutlined, MedicineBoxOutlined } from '@ant-design/icons';
import { Button, Checkbox } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import { DIAGNOSIS_AREAS, type Diagnosis } from '#shared/contract/desktop/diagnosis.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { ChoosePluggedKey } from '../../../components/choose-plugged-key.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { PinDialog } from '../../../components/pin-dialog.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { useDiagnosis } from '../../../lib/diagnosis-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { QUERY_KEYS } from '../../../lib/queries.ts';
import { saveText } from '../../../lib/save-text.ts';
import { useAction } from '../../../lib/use-action.ts';
import { AreaFindings } from './area-findings.tsx';

export function DiagnosisPage() {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const found = useDiagnosis();
  const [token, setToken] = useState<TokenSummary | null>(null);
  const [asking, setAsking] = useState(false);
  const [showGood, setShowGood] = useState(true);
  const run = useAction(async (input: DesktopInput<'diagnosis.run'>) => {
    setAsking(false);
    client.setQueryData(QUERY_KEYS.diagnosis, await engine.call('diagnosis.run', input));
  });
  const diagnosis = found.data ?? null;
  const running = run.running || diagnosis?.running === true;

  return (
    <Page title={t('diagnosis.title')} lead={t('diagnosis.lead')} actions={diagnosis && !running ? <ExportButton /> : null}>
      <Section label={t('diagnosis.title')}>
        <ChoosePluggedKey title={t('diagnosis.withKey')} hint={t('diagnosis.withKeyHint')} optional value={token} onChange={setToken} />
        <div className="bk-actions">
          <Button type="primary" size="large" icon={<MedicineBoxOutlined />} loading={running} onClick={() => (token ? setAsking(true) : void run.run({}))}>{diagnosis ? t('diagnosis.again') : t('diagnosis.run')}</Button>
          <span className="bk-secondary" role="status" aria-live="polite">{running ? (diagnosis?.area ? t('diagnosis.running', { area: t(`diagnosis.area.${diagnosis.area}`) }) : t('diagnosis.runningFirst')) : diagnosis?.endedAtUtc ? t('diagnosis.ended', { time: beijingTime(diagnosis.endedAtUtc) }) : ''}</span>
        </div>
        {run.error ? <ErrorPanel error={run.error} /> : null}
        {diagnosis ? <Summary diagnosis={diagnosis} showGood={showGood} onShowGood={setShowGood} /> : null}
      </Section>
      {found.isPending ? <Loading /> : null}
      {found.data === null && !running ? <Section label={t('diagnosis.notYet')}><EmptyState icon={<MedicineBoxOutlined />} title={t('diagnosis.notYet')} hints={[t('diagnosis.notYetHint')]} /></Section> : null}
      {diagnosis ? DIAGNOSIS_AREAS.map((area) => <AreaFindings key={area} area={area} findings={diagnosis.findings.filter((finding) => finding.area === area && (showGood || finding.severity !== 'good'))} />) : null}
      {token ? (
        <PinDialog open={asking} title={t('diagnosis.useTitle')} okText={t('diagnosis.run')} token={token} running={false} error={null}
          onSubmit={({ pin, confirmedFewTries }) => void run.run({ use: { token: token.ref, pin, confirmedFewTries } })} onCancel={() => setAsking(false)} />
      ) : null}
    </Page>
  );
}

function Summary({ diagnosis, showGood, onShowGood }: { diagnosis: Diagnosis; showGood: boolean; onShowGood: (show: boolean) => void }) {
  const { t } = useTranslation();
  const count = (severity: Diagnosis['findings'][number]['severity']) => diagnosis.findings.filter((finding) => finding.severity === severity).length;
  return (
    <div className="bk-actions" aria-live="polite">
      <span className="bk-secondary">{t('diagnosis.all', { count: diagnosis.findings.length })}</span>
      <span className={count('problem') > 0 ? 'bk-bad' : 'bk-secondary'}>{t('diagnosis.summary.problem', { count: count('problem') })}</span>
      <span className={count('warning') > 0 ? 'bk-warn' : 'bk-secondary'}>{t('diagnosis.summary.warning', { count: count('warning') })}</span>
      <span className="bk-ok">{t('diagnosis.summary.good', { count: count('good') })}</span>
      <Checkbox checked={showGood} onChange={(event) => onShowGood(event.target.checked)}>{t('diagnosis.showGood')}</Checkbox>
    </div>
  );
}

function ExportButton() {
  const { t } = useTranslation();
  const engine = useEngine();
  const save = useAction(async () => {
    const { fileName, text } = await engine.call('diagnosis.export', undefined);
    saveText(fileName, text, 'text/plain');
  });
  return (
    <>
      <Button icon={<DownloadOutlined />} title={t('diagnosis.exportHint')} loading={save.running} onClick={() => void save.run()}>{t('diagnosis.export')}</Button>
      {save.error ? <ErrorPanel error={save.error} /> : null}
    </>
  );
}
