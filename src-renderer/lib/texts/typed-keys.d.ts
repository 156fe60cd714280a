/** Lets the compiler refuse a text key that does not exist. The Chinese texts are the original. */
import 'i18next';
import type { DiagnosisCode } from '#shared/contract/desktop/diagnosis.ts';
import type { ErrorCode } from '#shared/errors/error-table.ts';
import type desktop from '../../../resources/locales/zh-CN/desktop.json';
import type ledger from '../../../resources/locales/zh-CN/desktop/ledger.json';
import type keys from '../../../resources/locales/zh-CN/desktop/keys.json';
import type services from '../../../resources/locales/zh-CN/desktop/services.json';
import type bids from '../../../resources/locales/zh-CN/desktop/bids.json';
import type rewrap from '../../../resources/locales/zh-CN/desktop/rewrap.json';
import type authorities from '../../../resources/locales/zh-CN/desktop/authorities.json';
import type openings from '../../../resources/locales/zh-CN/desktop/openings.json';
import type tenderUpdates from '../../../resources/locales/zh-CN/desktop/tender-updates.json';
import type diagnosis from '../../../resources/locales/zh-CN/desktop/diagnosis-page.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'desktop';
    resources: {
      desktop: typeof desktop & typeof ledger & typeof diagnosis & typeof keys & typeof services & typeof bids & typeof openings & typeof tenderUpdates & typeof rewrap & typeof authorities;
      diagnosis: Record<DiagnosisCode, { title: string; cause: string; next: string }>;
      errors: Record<ErrorCode, { title: string; cause: string; next: string }>;
      'skf-results': Record<string, string>;
    };
  }
}
