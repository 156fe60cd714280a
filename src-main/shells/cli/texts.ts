/** Texts of the command line, from the locale files. */
import type { Language } from '#shared/contract/desktop/desktop-contract.ts';
import enUsBids from '../../../resources/locales/en-US/cli-bids.json' with { type: 'json' };
import enUsDesk from '../../../resources/locales/en-US/cli-desk.json' with { type: 'json' };
import enUs from '../../../resources/locales/en-US/cli.json' with { type: 'json' };
import zhCnBids from '../../../resources/locales/zh-CN/cli-bids.json' with { type: 'json' };
import zhCnDesk from '../../../resources/locales/zh-CN/cli-desk.json' with { type: 'json' };
import zhCn from '../../../resources/locales/zh-CN/cli.json' with { type: 'json' };

export type TextKey = keyof typeof zhCn | keyof typeof zhCnBids | keyof typeof zhCnDesk;

const TEXTS: Record<Language, Record<TextKey, string>> = { 'zh-CN': { ...zhCn, ...zhCnBids, ...zhCnDesk }, 'en-US': { ...enUs, ...enUsBids, ...enUsDesk } };

/** `{name}` in a text is replaced by `values.name`. */
export type Say = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;

export const sayIn = (language: Language): Say => (key, values = {}) => TEXTS[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
