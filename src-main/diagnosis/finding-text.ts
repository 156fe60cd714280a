/** Texts of findings, from the locale files, with their facts filled in: for the command line and the exported report. The screens have their own copy in their bundle. */
import type { Language } from '#shared/contract/desktop/desktop-contract.ts';
import type { Finding } from '#shared/contract/desktop/diagnosis.ts';
import enUs from '../../resources/locales/en-US/diagnosis.json' with { type: 'json' };
import zhCn from '../../resources/locales/zh-CN/diagnosis.json' with { type: 'json' };

export interface FindingText {
  readonly title: string;
  /** Empty where there is nothing to say. */
  readonly cause: string;
  readonly next: string;
}

type Texts = Readonly<Record<Finding['code'], { readonly title: string; readonly cause?: string; readonly next?: string }>>;
const TEXTS: Readonly<Record<Language, Texts>> = { 'zh-CN': zhCn, 'en-US': enUs };

export function findingText(finding: Finding, language: Language): FindingText {
  const { title, cause = '', next = '' } = TEXTS[language][finding.code];
  const fill = (text: string) => text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => readable(finding.facts[name]));
  return { title: fill(title), cause: fill(cause), next: fill(next) };
}

function readable(value: Finding['facts'][string] | undefined): string {
  if (Array.isArray(value)) return value.join(', ');
  return value === null || value === undefined ? '–' : String(value);
}
