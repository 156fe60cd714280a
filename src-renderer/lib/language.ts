/** Texts by language: loads one language at a time and switches while the screens run. Texts live only in resources/locales. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import enUS from 'antd/es/locale/en_US';
import type { Locale } from 'antd/es/locale';
import type { Language } from '#shared/contract/desktop/desktop-contract.ts';

interface LanguagePack {
  readonly texts: Record<string, Record<string, unknown>>;
  readonly antd: Locale;
}

const LANGUAGE_PACKS: Record<Language, () => Promise<LanguagePack>> = {
  'zh-CN': async () => {
    const [{ texts }, { default: antd }] = await Promise.all([import('./texts/zh-CN.ts'), import('antd/es/locale/zh_CN')]);
    return { texts, antd };
  },
  // English is Ant Design's default and in its bundle anyway.
  'en-US': async () => ({ texts: (await import('./texts/en-US.ts')).texts, antd: enUS }),
};

const antdLocales = new Map<Language, Locale>();

/** Starts with one language; call once, before the first render. */
export async function startLanguage(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    ns: ['desktop', 'errors', 'diagnosis', 'skf-results'],
    defaultNS: 'desktop',
    resources: {},
    returnNull: false,
    // React escapes what it renders.
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  });
  await switchLanguage(language);
}

export async function switchLanguage(language: Language): Promise<void> {
  if (!antdLocales.has(language)) {
    const { texts, antd } = await LANGUAGE_PACKS[language]();
    for (const [path, table] of Object.entries(texts)) i18next.addResourceBundle(language, namespaceOf(path), table, true, true);
    antdLocales.set(language, antd);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  document.title = i18next.t('app.title');
}

export function currentLanguage(): Language {
  return i18next.language === 'en-US' ? 'en-US' : 'zh-CN';
}

/** Ant Design's own texts of the current language. */
export function antdLocale(): Locale | undefined {
  return antdLocales.get(currentLanguage());
}

/** `…/desktop.json` and `…/desktop/ledger.json` → desktop; `…/errors/token.json` → errors: the files of a folder make one namespace, because their keys are unique. */
function namespaceOf(path: string): string {
  return path.includes('/errors/') ? 'errors' : path.includes('/desktop/') ? 'desktop' : path.slice(path.lastIndexOf('/') + 1, -'.json'.length);
}
