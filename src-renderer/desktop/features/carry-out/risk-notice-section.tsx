/** 风险告知: read to its end, ticked, and accepted by a signature of the key that is kept with the request. */
import { CheckCircleFilled } from '@ant-design/icons';
import { Button, Checkbox } from 'antd';
import { useRef, useState, type UIEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import type { RiskNotice } from '#shared/contract/desktop/requests.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { Request } from '#shared/contract/rest/requests.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Section } from '../../../components/page.tsx';
import { PinDialog, type PinAnswer } from '../../../components/pin-dialog.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { keepRequest, useRiskNotice } from '../../../lib/request-queries.ts';
import { useAction } from '../../../lib/use-action.ts';

/** Scrolling ends on a fraction of a pixel at zoomed windows. */
const END_TOLERANCE_PX = 4;

export function RiskNoticeSection({ number, request, token }: { number: number; request: Request; token: TokenSummary | null }) {
  const { t } = useTranslation();
  const notice = useRiskNotice();
  return (
    <Section number={number} title={notice.data?.title ?? t('requests.facts.riskNotice')}>
      {notice.error ? <ErrorPanel error={notice.error} onRetry={() => void notice.refetch()} /> : null}
      {notice.isPending ? <Loading /> : null}
      {notice.data && request.riskNoticeAcceptedAtUtc === null ? <ReadAndAccept notice={notice.data} request={request} token={token} /> : null}
      {request.riskNoticeAcceptedAtUtc === null ? null : <p className="bk-ok"><CheckCircleFilled aria-hidden="true" /> {t('requests.riskNotice.acceptedAt', { time: beijingTime(request.riskNoticeAcceptedAtUtc) })}</p>}
    </Section>
  );
}

function ReadAndAccept({ notice, request, token }: { notice: RiskNotice; request: Request; token: TokenSummary | null }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const [read, setRead] = useState(false);
  const [ticked, setTicked] = useState(false);
  const [asking, setAsking] = useState(false);
  const box = useRef<HTMLDivElement | null>(null);
  const accept = useAction(async ({ pin, confirmedFewTries }: PinAnswer) => {
    if (token === null) return;
    keepRequest(client, await engine.call('requests.acceptRiskNotice', { requestId: request.id, noticeVersion: notice.version, token: token.ref, pin, confirmedFewTries }));
    setAsking(false);
  });

  const atEnd = (element: HTMLDivElement) => element.scrollTop + element.clientHeight >= element.scrollHeight - END_TOLERANCE_PX;
  // A notice that fits into the box has no end to scroll to.
  const keepBox = (element: HTMLDivElement | null) => {
    box.current = element;
    if (element && atEnd(element)) setRead(true);
  };

  return (
    <>
      <div ref={keepBox} className="bk-notice-text" tabIndex={0} role="region" aria-label={notice.title} onScroll={(event: UIEvent<HTMLDivElement>) => { if (atEnd(event.currentTarget)) setRead(true); }}>
        {notice.paragraphs.map((paragraph, index) => <p key={index}>{paragraph}</p>)}
      </div>
      <Checkbox disabled={!read} checked={ticked} onChange={(event) => setTicked(event.target.checked)}>{t('requests.riskNotice.tick')}</Checkbox>
      <div className="bk-actions">
        <Button disabled={!ticked || token === null} onClick={() => setAsking(true)}>{t('requests.riskNotice.sign')}</Button>
        <span className="bk-secondary">{read ? (token === null ? t('requests.riskNotice.plugKey') : t('requests.riskNotice.signMeaning')) : t('requests.riskNotice.scroll')}</span>
      </div>
      {token ? (
        <PinDialog open={asking} title={t('requests.riskNotice.pinTitle')} okText={t('requests.riskNotice.sign')} token={token} running={accept.running} error={accept.error} onSubmit={(answer) => void accept.run(answer)}
          onCancel={() => {
            setAsking(false);
            accept.clear();
          }} />
      ) : null}
    </>
  );
}
