/** 制证未完成: every writing that was begun and not completed, with its step, its error and the way on. */
import { CheckCircleOutlined } from '@ant-design/icons';
import { App } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import { DeedSteps } from '../../../components/deed-steps.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { InterruptedDeed } from '../../../components/interrupted-deed.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { Serial } from '../../../components/serial.tsx';
import { ToneTag, type Tone } from '../../../components/tone-tag.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { useDeed, useUnfinishedDeeds } from '../../../lib/queries.ts';

const STATE_TONES: Record<Deed['state'], Tone> = { running: 'info', interrupted: 'warn', completed: 'ok', cancelled: 'plain' };

export function UnfinishedPage() {
  const { t } = useTranslation();
  const list = useUnfinishedDeeds();
  return (
    <Page title={t('unfinished.title')} lead={t('unfinished.lead')}>
      {list.error ? <ErrorPanel error={list.error} onRetry={() => void list.refetch()} /> : null}
      {list.isPending ? <Loading /> : null}
      {list.data?.length === 0 ? (
        <Section label={t('unfinished.title')}>
          <EmptyState icon={<CheckCircleOutlined />} title={t('unfinished.none')}><Link to="/pending">{t('unfinished.toPending')}</Link></EmptyState>
        </Section>
      ) : null}
      {list.data?.map((deed) => <UnfinishedDeed key={deed.id} listed={deed} />)}
    </Page>
  );
}

function UnfinishedDeed({ listed }: { listed: Deed }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const deed = useDeed(listed.id).data ?? listed;
  return (
    <Section title={<>{t(`pending.kind.${deed.kind}`)} · {deed.companyName} <ToneTag tone={STATE_TONES[deed.state]}>{t(`deeds.state.${deed.state}`)}</ToneTag></>}>
      <div className="bk-unfinished">
        <div className="bk-stack">
          <dl className="bk-facts">
            <div><dt>{t('issue.order.project')}</dt><dd>{deed.projectName}</dd></div>
            <div><dt>{t('issue.order.number')}</dt><dd className="bk-mono">{deed.orderNumber}</dd></div>
            <div><dt>{t('unfinished.key')}</dt><dd><Serial value={deed.token.serial} /></dd></div>
            <div><dt>{t('unfinished.begun')}</dt><dd>{beijingTime(deed.startedAtUtc)}</dd></div>
            <div><dt>{t('unfinished.last')}</dt><dd>{beijingTime(deed.updatedAtUtc)}</dd></div>
          </dl>
          {deed.state === 'interrupted' ? <InterruptedDeed deed={deed} onCancelled={() => void message.success(t('deeds.cancelled'))} /> : null}
          {deed.state === 'running' ? <p>{t('issue.running.keepPlugged')}</p> : null}
          {deed.state === 'completed' ? <Link to="/keys">{t('issue.result.lookAtKey')}</Link> : null}
        </div>
        <div><DeedSteps deed={deed} /></div>
      </div>
    </Section>
  );
}
