/** Texts of an error code for people: what happened, why, what to do now. From resources/locales/<language>/errors. */
import { useTranslation } from 'react-i18next';
import type { ErrorCode } from '#shared/errors/error-table.ts';

export interface ErrorText {
  readonly title: string;
  readonly cause: string;
  readonly next: string;
}

export function useErrorText(): (code: ErrorCode) => ErrorText {
  const { t } = useTranslation('errors');
  return (code) => ({ title: t(`${code}.title`), cause: t(`${code}.cause`), next: t(`${code}.next`) });
}
