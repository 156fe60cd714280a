/** The risk notice, from the locale files. Its version goes into the signature of the key: both languages bear the same, and it changes with every change of a text. */
import type { Language } from '#shared/contract/desktop/desktop-contract.ts';
import type { RiskNotice } from '#shared/contract/desktop/requests.ts';
import enUs from '../../resources/locales/en-US/risk-notice.json' with { type: 'json' };
import zhCn from '../../resources/locales/zh-CN/risk-notice.json' with { type: 'json' };

const NOTICES: Readonly<Record<Language, RiskNotice>> = { 'zh-CN': zhCn, 'en-US': enUs };

export const riskNoticeIn = (language: Language): RiskNotice => NOTICES[language];
