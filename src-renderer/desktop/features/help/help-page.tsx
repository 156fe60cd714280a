/** Help: the way of a new certificate in five steps, what to do in the usual troubles, and the report for support. */
import { CopyOutlined } from '@ant-design/icons';
import { Button, Collapse } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { copyText } from '../../../lib/copy-text.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { useAction } from '../../../lib/use-action.ts';

const STEPS = ['order', 'logIn', 'plug', 'code', 'wait'] as const;
const TROUBLES = ['noKey', 'pin', 'interrupted', 'code', 'safe'] as const;

export function HelpPage() {
  const { t } = useTranslation();
  return (
    <Page title={t('help.title')}>
      <Section title={t('help.steps.title')}>
        <ol className="bk-help-steps">{STEPS.map((step) => <li key={step}>{t(`help.steps.${step}`)}</li>)}</ol>
      </Section>
      <Section title={t('help.troubles.title')}>
        <Collapse items={TROUBLES.map((trouble) => ({ key: trouble, label: t(`help.troubles.${trouble}.question`), children: t(`help.troubles.${trouble}.answer`) }))} />
      </Section>
      <SupportReport />
    </Page>
  );
}

function SupportReport() {
  const { t } = useTranslation();
  const engine = useEngine();
  const [report, setReport] = useState<{ text: string; copied: boolean } | null>(null);
  const make = useAction(async () => {
    const { text } = await engine.call('app.report', { errorCode: null, traceId: null, page: '/help' });
    setReport({ text, copied: await copyText(text) });
  });
  return (
    <Section title={t('help.report.title')}>
      <p className="bk-secondary">{t('help.report.meaning')}</p>
      <div><Button icon={<CopyOutlined />} loading={make.running} onClick={() => void make.run()}>{t('errorPanel.copyReport')}</Button></div>
      <div aria-live="polite">
        {make.error ? <ErrorPanel error={make.error} /> : null}
        {report ? <p className={report.copied ? 'bk-ok' : 'bk-warn'}>{report.copied ? t('errorPanel.reportCopied') : t('common.copyFailed')}</p> : null}
        {report ? <textarea className="bk-report" readOnly value={report.text} aria-label={t('errorPanel.reportTitle')} /> : null}
      </div>
    </Section>
  );
}
