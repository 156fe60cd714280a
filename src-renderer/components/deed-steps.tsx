/** The steps of a writing by name, and where it stands. Screen readers hear every step as it begins. */
import { Steps } from 'antd';
import { useTranslation } from 'react-i18next';
import type { DeedStepName } from '#shared/contract/desktop/deed-plans.ts';
import type { Deed } from '#shared/contract/desktop/deeds.ts';

const STATUS_OF = { waiting: 'wait', running: 'process', done: 'finish', failed: 'error' } as const;

export function DeedSteps({ deed }: { deed: Deed }) {
  const { t } = useTranslation();
  const done = deed.steps.filter((step) => step.state === 'done').length;
  const active = deed.steps.findIndex((step) => step.state === 'running' || step.state === 'failed');
  return (
    <>
      <p className="bk-visually-hidden" role="status" aria-live="polite">
        {deed.state === 'completed' ? t('deeds.spokenDone') : t('deeds.spoken', { step: stepTitle(deed.step), done, all: deed.steps.length })}
      </p>
      <Steps
        orientation="vertical"
        size="small"
        current={active < 0 ? done : active}
        items={deed.steps.map((step) => ({ key: step.name, title: stepTitle(step.name), content: isCurrent(step) ? stepMeaning(step.name) : undefined, status: STATUS_OF[step.state] }))}
      />
    </>
  );

  /** Between two steps the next one is named before it begins. */
  function isCurrent(step: Deed['steps'][number]): boolean {
    return step.state === 'running' || step.state === 'failed' || (deed.state === 'running' && step.name === deed.step && step.state === 'waiting');
  }
  function stepTitle(name: string): string {
    return t(`steps.${name as DeedStepName}.title`);
  }
  function stepMeaning(name: string): string {
    return t(`steps.${name as DeedStepName}.meaning`);
  }
}
