/** Texts of the findings of the diagnosis, by code, with their facts filled in: resources/locales/<language>/diagnosis.json. What is in order has no cause and nothing to do. */
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { Finding } from '#shared/contract/desktop/diagnosis.ts';
import { beijingTime } from './beijing-time.ts';
import { modelName } from './model-name.ts';
import { currentLanguage } from './language.ts';
import { useUkeyModels } from './queries.ts';
import { usePurposeName } from './purpose-name.ts';

export interface FindingText {
  readonly title: string;
  /** Empty where there is none. */
  readonly cause: string;
  readonly next: string;
}

type Fact = Finding['facts'][string];

export function useFindingText(): (finding: Finding) => FindingText {
  const { t, i18n } = useTranslation('diagnosis');
  const purposeName = usePurposeName();
  const models = useUkeyModels().data;
  return useCallback(
    ({ code, facts }) => {
      const named = (name: string, value: Fact): string => {
        if (name === 'purpose' && typeof value === 'string') return purposeName(value);
        const model = name === 'model' || name === 'modelId' ? models?.find(({ id }) => id === value) : undefined;
        return model ? modelName(model, currentLanguage()) : readable(value);
      };
      const filled = (text: string) => text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => named(name, facts[name] ?? null));
      const part = (name: 'cause' | 'next') => (i18n.exists(`diagnosis:${code}.${name}`) ? filled(t(`${code}.${name}`)) : '');
      return { title: filled(t(`${code}.title`)), cause: part('cause'), next: part('next') };
    },
    [t, i18n, purposeName, models],
  );
}

function readable(value: Fact): string {
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T.*Z$/.test(value)) return beijingTime(value);
  return value === null ? '–' : String(value);
}
