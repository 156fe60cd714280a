/** Every refusal on screen: what happened → what to do now → code and trace id, with a report to copy that holds no secret. */
import { CopyOutlined, ReloadOutlined } from '@ant-design/icons';
import { Alert, Button, Modal } from 'antd';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { toAppError, type AppError } from '#shared/errors/app-error.ts';
import { copyText } from '../lib/copy-text.ts';
import { useEngine } from '../lib/engine.tsx';
import { useErrorText } from '../lib/error-text.ts';
import { isSignedOut } from '../lib/queries.ts';
import { useSkfResultText } from '../lib/skf-result-text.ts';
import { useAction } from '../lib/use-action.ts';
import { ErrorFacts, technicalFacts } from './error-facts.tsx';

interface ErrorPanelProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
  /** Further actions, the most useful first. */
  readonly actions?: ReactNode;
}

export function ErrorPanel({ error: thrown, onRetry, actions }: ErrorPanelProps) {
  const { t } = useTranslation();
  const error = toAppError(thrown);
  const text = useErrorText()(error.code);
  const skfResult = useSkfResultText()(error.details.returnCode);
  // That a PIN is wrong or locked has been said already.
  const driverSays = /PIN_(INCORRECT|LOCKED)$/.test(error.code) ? null : skfResult;
  const technical = technicalFacts(error.details);
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      className="bk-error"
      title={text.title}
      description={
        <>
          <p>{text.cause}</p>
          {driverSays === null ? null : <p>{driverSays}</p>}
          <ErrorFacts details={error.details} />
          <p className="bk-error-next"><strong>{t('errorPanel.next')}</strong>{text.next}</p>
          <div className="bk-error-actions">
            {actions}
            <WayOut error={error} />
            {onRetry ? <Button icon={<ReloadOutlined />} onClick={onRetry}>{t('common.retry')}</Button> : null}
            <ReportButton error={error} />
          </div>
          <p className="bk-error-code">
            {t('errorPanel.code')} <code>{error.code}</code>
            {technical === '' ? null : <>{' · '}<code>{technical}</code></>}
            {error.traceId ? <>{' · '}{t('errorPanel.traceId')} <code>{error.traceId}</code></> : null}
          </p>
        </>
      }
    />
  );
}

/** Where the cause of this error can be removed. */
function WayOut({ error }: { error: AppError }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  if (isSignedOut(error) && pathname !== '/login') return <Link to={`/login?next=${encodeURIComponent(pathname)}`} className="bk-button-link">{t('errorPanel.logIn')}</Link>;
  if ((error.code === 'CA_UNREACHABLE' || error.code === 'CA_NOT_CONFIGURED') && pathname !== '/settings') return <Link to="/settings" className="bk-button-link">{t('errorPanel.openSettings')}</Link>;
  if ((error.code === 'DEED_UNFINISHED' || error.code === 'ISSUANCE_OPEN_FOR_KEY') && pathname !== '/unfinished') return <Link to="/unfinished" className="bk-button-link">{t('errorPanel.openUnfinished')}</Link>;
  return null;
}

function ReportButton({ error }: { error: AppError }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const { pathname } = useLocation();
  const [copied, setCopied] = useState(false);
  const [text, setText] = useState<string | null>(null);
  const report = useAction(async () => {
    const made = await engine.call('app.report', { errorCode: error.code, traceId: error.traceId ?? null, page: pathname.slice(0, 200) });
    if (await copyText(made.text)) setCopied(true);
    else setText(made.text);
  });
  return (
    <>
      <Button icon={<CopyOutlined />} loading={report.running} onClick={() => void report.run()}>
        <span aria-live="polite">{copied ? t('errorPanel.reportCopied') : report.error ? t('errorPanel.reportFailed') : t('errorPanel.copyReport')}</span>
      </Button>
      <Modal open={text !== null} title={t('errorPanel.reportTitle')} footer={null} onCancel={() => setText(null)}>
        <textarea className="bk-report" readOnly value={text ?? ''} aria-label={t('errorPanel.reportTitle')} />
      </Modal>
    </>
  );
}
