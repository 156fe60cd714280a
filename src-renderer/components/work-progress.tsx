/** Work that runs in the engine: how far, how fast, how long still; cancelled where a person wants that. */
import { Button, Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import type { BidWork } from '#shared/contract/desktop/bids.ts';
import { fromErrorData } from '#shared/errors/app-error.ts';
import { useEngine } from '../lib/engine.tsx';
import { paceOf, sizeText } from '../lib/sizes.ts';
import { useAction } from '../lib/use-action.ts';
import { ErrorPanel } from './error-panel.tsx';

export function WorkProgress({ work }: { work: BidWork }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const cancel = useAction(() => engine.call('work.cancel', { workId: work.id }));
  if (work.state === 'failed') return <ErrorPanel error={fromErrorData(work.error)} />;
  if (work.state === 'cancelled') return <p className="bk-notice" role="status">{t('work.cancelled')}</p>;
  if (work.state === 'done') return null;
  const { percent, bytesPerSecond, secondsLeft } = paceOf(work);
  return (
    <div className="bk-work" role="group" aria-label={t(`work.kind.${work.kind}`)}>
      <strong>{t(`work.kind.${work.kind}`)}</strong>
      <Progress percent={percent} aria-label={t(`work.kind.${work.kind}`)} />
      <div className="bk-work-line" role="status">
        <span>{work.totalBytes > 0 ? t('work.done', { done: sizeText(work.doneBytes), total: sizeText(work.totalBytes) }) : t('work.preparing')}</span>
        <span>{bytesPerSecond === null ? '' : t('work.rate', { rate: sizeText(bytesPerSecond) })}</span>
        <span>{secondsLeft === null ? '' : t('work.left', { count: secondsLeft })}</span>
        <Button danger loading={cancel.running} onClick={() => void cancel.run()}>{t('work.cancel')}</Button>
      </div>
      <p className="bk-secondary">{t('work.keepPlugged')}</p>
    </div>
  );
}
