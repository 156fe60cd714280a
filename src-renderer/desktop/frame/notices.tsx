/** Standing notices under the top bar: demo, lost connection to the program, clock that is wrong, and what the program found at its start (a file set aside, a slower engine). */
import { Alert } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fromErrorData } from '#shared/errors/app-error.ts';
import { useEngine } from '../../lib/engine.tsx';
import { useErrorText } from '../../lib/error-text.ts';
import { useAppInfo, useCaStatus } from '../../lib/queries.ts';

/** Beyond this, certificates may seem not yet valid and times on screen mislead. */
const CLOCK_TOLERANCE_SECONDS = 120;

export function Notices() {
  const { t } = useTranslation();
  const engine = useEngine();
  const errorText = useErrorText();
  const appInfo = useAppInfo().data;
  const offset = useCaStatus().data?.clockOffsetSeconds ?? null;
  const [lost, setLost] = useState(false);
  useEffect(() => engine.onConnection((connection) => setLost(connection === 'lost')), [engine]);

  return (
    <div className="bk-notices">
      {appInfo?.demo ? <div className="bk-demo" role="note"><strong>{t('frame.demo.title')}</strong> {t('frame.demo.meaning')}</div> : null}
      {lost ? <Alert banner type="error" role="alert" title={t('frame.connectionLost')} /> : null}
      {offset !== null && Math.abs(offset) > CLOCK_TOLERANCE_SECONDS ? <Alert banner type="warning" title={t(offset > 0 ? 'frame.clockBehind' : 'frame.clockAhead', { minutes: Math.round(Math.abs(offset) / 60) })} /> : null}
      {(appInfo?.notices ?? []).map((notice) => {
        const text = errorText(fromErrorData(notice).code);
        return <Alert key={notice.code} banner closable type="warning" title={<><strong>{text.title}</strong> {text.cause} {text.next}</>} />;
      })}
    </div>
  );
}
