/** What people read for an error: title, cause and next step from the locale files, for the shells that print (the screens have their own copy in their bundle). */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Language } from '#shared/contract/desktop/desktop-contract.ts';
import { ERROR_AREAS, ERROR_TABLE, type ErrorCode } from '#shared/errors/error-table.ts';

export interface ErrorText {
  readonly title: string;
  readonly cause: string;
  readonly next: string;
}

/** @param resourcesFolder the folder `resources` of the program */
export function errorText(code: ErrorCode, language: Language, resourcesFolder: string): ErrorText {
  const area = Object.entries(ERROR_AREAS).find(([, rows]) => Object.hasOwn(rows, code))?.[0];
  const file = join(resourcesFolder, 'locales', language, 'errors', `${area}.json`);
  const texts = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Record<string, ErrorText>>) : {};
  // A package without its locale files still says what is wrong.
  return texts[code] ?? { title: ERROR_TABLE[code].message, cause: '', next: '' };
}

/** The language asked for, else that of the system. */
export function chooseLanguage(asked: string | undefined, environment: NodeJS.ProcessEnv): Language {
  const wanted = asked ?? environment['LC_ALL'] ?? environment['LC_MESSAGES'] ?? environment['LANG'] ?? '';
  return /^en/i.test(wanted) ? 'en-US' : 'zh-CN';
}
