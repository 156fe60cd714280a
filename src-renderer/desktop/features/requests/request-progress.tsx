/** 填写 → 审核 → 支付 → 授权码 → 制证 → 完成: where a request stands on its way. Kinds that cost nothing have no payment, kinds without writing end by themselves. */
import { Steps } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Request } from '#shared/contract/rest/requests.ts';
import { progressOf } from './request-progress-steps.ts';

export function RequestProgress({ request }: { request: Request }) {
  const { t } = useTranslation();
  const { steps, current, failed } = progressOf(request);
  return <Steps size="small" current={current} status={failed ? 'error' : request.state === 'completed' ? 'finish' : 'process'} items={steps.map((step) => ({ key: step, title: t(`requests.step.${step}`) }))} />;
}
