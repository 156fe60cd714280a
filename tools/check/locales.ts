/**
 * Check of the texts: both languages have the same keys and the same gaps, no text is empty, every key that the screens use exists,
 * no key is unused, and every code of the error table has title, cause and next in both languages. Keys are read from the syntax tree:
 * `t('a.b')`, `t(\`a.${x}.b\`)`, and plain strings that are keys.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ERROR_AREAS } from '../../src-shared/errors/error-table.ts';

const root = join(import.meta.dirname, '../..');
const LANGUAGES = ['zh-CN', 'en-US'] as const;
type Language = (typeof LANGUAGES)[number];
const PLURAL_ENDING = /_(zero|one|two|few|many|other)$/;
const ERROR_PARTS = ['title', 'cause', 'next'] as const;

export interface LocaleFolder {
  /** `desktop.json`, `errors/token.json`, … → its content. */
  readonly files: ReadonlyMap<string, unknown>;
}

export async function checkLocales(): Promise<string[]> {
  const folders = Object.fromEntries(LANGUAGES.map((language) => [language, readLocaleFolder(language)])) as Record<Language, LocaleFolder>;
  const sources = sourceFiles(join(root, 'src-renderer'));
  return [...checkSameKeys(folders), ...checkErrorTexts(folders), ...checkUse(screenKeys(folders['zh-CN']), sources)];
}

function readLocaleFolder(language: Language): LocaleFolder {
  const folder = join(root, 'resources/locales', language);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  return { files: new Map(names.map((name) => [name.replaceAll('\\', '/'), JSON.parse(readFileSync(join(folder, name), 'utf8'))])) };
}

function sourceFiles(folder: string): { name: string; text: string }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/\.(test|d)\.tsx?$/.test(name))
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

/** `a.b.c` → text, over a whole file. Anything that is not a text or a group is a problem of its own. */
function flatten(value: unknown, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>();
  if (typeof value === 'string') flat.set(prefix, value);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, child] of Object.entries(value)) for (const [key, text] of flatten(child, prefix === '' ? name : `${prefix}.${name}`)) flat.set(key, text);
  } else flat.set(prefix, '');
  return flat;
}

const withoutPlural = (key: string) => key.replace(PLURAL_ENDING, '');
const gapsOf = (text: string) => [...new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? ''))].sort().join(',');

/** Plural forms differ between languages; the keys without them must not, nor the gaps that are filled in. */
export function checkSameKeys(folders: Readonly<Record<Language, LocaleFolder>>): string[] {
  const problems: string[] = [];
  const names = new Set(LANGUAGES.flatMap((language) => [...folders[language].files.keys()]));
  for (const name of names) {
    const [zh, en] = LANGUAGES.map((language) => flatten(folders[language].files.get(name) ?? {}));
    if (!zh || !en) continue;
    for (const [language, mine, other] of [['en-US', zh, en], ['zh-CN', en, zh]] as const) {
      const there = new Map([...other].map(([key, text]) => [withoutPlural(key), text]));
      for (const [key, text] of mine) {
        const counterpart = there.get(withoutPlural(key));
        if (counterpart === undefined) problems.push(`${language}/${name}: ${withoutPlural(key)} is missing`);
        else if (language === 'en-US' && gapsOf(counterpart) !== gapsOf(text)) problems.push(`${name}: ${key} has gaps {${gapsOf(text)}} in zh-CN and {${gapsOf(counterpart)}} in en-US`);
        if (text.trim() === '') problems.push(`${name}: ${key} is empty`);
      }
    }
  }
  return [...new Set(problems)];
}

export function checkErrorTexts(folders: Readonly<Record<Language, LocaleFolder>>): string[] {
  return LANGUAGES.flatMap((language) =>
    Object.entries(ERROR_AREAS).flatMap(([area, table]) => {
      const texts = (folders[language].files.get(`errors/${area}.json`) ?? {}) as Record<string, Record<string, unknown>>;
      const missing = Object.keys(table).flatMap((code) => ERROR_PARTS.filter((part) => typeof texts[code]?.[part] !== 'string').map((part) => `${language}/errors/${area}.json: ${code}.${part} is missing`));
      const foreign = Object.keys(texts).filter((code) => !Object.hasOwn(table, code)).map((code) => `${language}/errors/${area}.json: ${code} is no code of this area`);
      return [...missing, ...foreign];
    }),
  );
}

/** Texts of the other shells (cli.json) are asked for by their own code, not by the screens. */
const isScreenFile = (name: string) => name === 'desktop.json' || name.startsWith('desktop/');

function screenKeys(folder: LocaleFolder): Set<string> {
  return new Set([...folder.files].filter(([name]) => isScreenFile(name)).flatMap(([, texts]) => [...flatten(texts).keys()].map(withoutPlural)));
}

/** Every key that is used exists, and every key that exists is used. */
export function checkUse(keys: ReadonlySet<string>, sources: readonly { name: string; text: string }[]): string[] {
  const problems: string[] = [];
  const used = new Set<string>();
  for (const { name, text } of sources) {
    const { called, patterns, strings } = keysIn(name, text);
    for (const key of called) if (!keys.has(key)) problems.push(`${name}: t('${key}') names no text`);
    for (const key of [...called, ...strings]) if (keys.has(key)) used.add(key);
    for (const pattern of patterns) {
      const hits = [...keys].filter((key) => pattern.test(key));
      if (hits.length === 0) problems.push(`${name}: t(${pattern.source}) names no text`);
      for (const key of hits) used.add(key);
    }
  }
  return [...problems, ...[...keys].filter((key) => !used.has(key)).map((key) => `${key} is used by no screen`)];
}

interface KeysInSource {
  readonly called: readonly string[];
  readonly patterns: readonly RegExp[];
  /** Strings outside of calls: tables of keys. */
  readonly strings: readonly string[];
}

function keysIn(name: string, text: string): KeysInSource {
  const called: string[] = [];
  const patterns: RegExp[] = [];
  const strings: string[] = [];
  // Texts of errors and findings are asked for by code, and checked against the tables of codes instead.
  const ofErrors = /useTranslation\('(?:errors|diagnosis|skf-results)'\)/.test(text);
  const visit = (node: ts.Node): void => {
    if (!ofErrors && ts.isCallExpression(node) && isTranslate(node.expression) && node.arguments[0]) readArgument(node.arguments[0]);
    if (ts.isStringLiteral(node)) strings.push(node.text);
    ts.forEachChild(node, visit);
  };
  const readArgument = (argument: ts.Expression): void => {
    if (ts.isStringLiteral(argument) || ts.isNoSubstitutionTemplateLiteral(argument)) called.push(argument.text);
    else if (ts.isTemplateExpression(argument)) patterns.push(patternOf(argument));
    else if (ts.isConditionalExpression(argument)) {
      readArgument(argument.whenTrue);
      readArgument(argument.whenFalse);
    }
  };
  visit(ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, true, name.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS));
  return { called, patterns, strings };
}

/** `t(…)` and `i18next.t(…)`. */
function isTranslate(expression: ts.Expression): boolean {
  return ts.isIdentifier(expression) ? expression.text === 't' : ts.isPropertyAccessExpression(expression) && expression.name.text === 't';
}

/** A gap stands for one step of the key. */
function patternOf(template: ts.TemplateExpression): RegExp {
  const literal = (part: string) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal(template.head.text)}${template.templateSpans.map((span) => `[^.]+${literal(span.literal.text)}`).join('')}$`);
}
