/** Lets the compiler refuse a text key that does not exist. The Chinese texts are the original. */
import 'i18next';
import type { ErrorCode } from '#shared/errors/error-table.ts';
import type desktop from '../../../resources/locales/zh-CN/desktop.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'desktop';
    resources: {
      desktop: typeof desktop;
      errors: Record<ErrorCode, { title: string; cause: string; next: string }>;
    };
  }
}
