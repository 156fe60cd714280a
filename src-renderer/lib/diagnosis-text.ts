/** Texts of the findings of the diagnosis, by code, with their facts filled in: resources/locales/<language>/diagnosis.json. */
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { Finding } from '#shared/contract/desktop/diagnosis.ts';
import { beijingTime } from './beijing-time.ts';

export interface FindingText {
  readonly title: string;
  readonly cause: string;
  readonly next: string;
}

export function useFindingText(): (finding: Finding) => FindingText {
  const { t } = useTranslation('diagnosis');
  return useCallback(
    ({ code, facts }) => {
      const filled = (text: string) => text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => readable(facts[name] ?? null));
      return { title: filled(t(`${code}.title`)), cause: filled(t(`${code}.cause`)), next: filled(t(`${code}.next`)) };
    },
    [t],
  );
}

function readable(value: Finding['facts'][string]): string {
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T.*Z$/.test(value)) return beijingTime(value);
  return value === null ? '–' : String(value);
}
