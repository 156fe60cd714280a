import { describe, expect, it } from 'vitest';
import { checkErrorTexts, checkLocales, checkSameKeys, checkUse } from './locales.ts';

const folder = (content: Record<string, unknown>) => ({ files: new Map(Object.entries(content)) });
const source = (text: string) => [{ name: 'page.tsx', text }];

describe('texts', () => {
  it('ok: the texts of the product keep every rule', async () => {
    expect(await checkLocales()).toEqual([]);
  });

  it('refuses: a key that one language lacks, whichever it is', () => {
    const problems = checkSameKeys({ 'zh-CN': folder({ 'desktop.json': { a: { b: '甲', c: '乙' } } }), 'en-US': folder({ 'desktop.json': { a: { b: 'A', d: 'D' } } }) });
    expect(problems).toEqual(['en-US/desktop.json: a.c is missing', 'zh-CN/desktop.json: a.d is missing']);
  });

  it('ok: plural forms may differ', () => {
    expect(checkSameKeys({ 'zh-CN': folder({ 'desktop.json': { days_other: '{{count}} 天' } }), 'en-US': folder({ 'desktop.json': { days_one: '{{count}} day', days_other: '{{count}} days' } }) })).toEqual([]);
  });

  it('refuses: other gaps in the other language, and an empty text', () => {
    const problems = checkSameKeys({ 'zh-CN': folder({ 'desktop.json': { a: '{{name}}', b: ' ' } }), 'en-US': folder({ 'desktop.json': { a: '{{nmae}}', b: 'B' } }) });
    expect(problems).toEqual(['desktop.json: a has gaps {name} in zh-CN and {nmae} in en-US', 'desktop.json: b is empty']);
  });

  it('refuses: an error code without a text, and a text without a code', () => {
    const problems = checkErrorTexts({ 'zh-CN': folder({}), 'en-US': folder({ 'errors/general.json': { NO_SUCH_CODE: { title: 'x', cause: 'x', next: 'x' } } }) });
    expect(problems).toContain('zh-CN/errors/general.json: INTERNAL.next is missing');
    expect(problems).toContain('en-US/errors/general.json: NO_SUCH_CODE is no code of this area');
  });

  it('refuses: a used key that does not exist, a template that fits none, an unused key', () => {
    const problems = checkUse(new Set(['home.title', 'home.left']), source("t('home.titel'); t(`steps.${name}.title`); t(ready ? 'home.title' : 'home.none');"));
    expect(problems).toEqual(["page.tsx: t('home.titel') names no text", "page.tsx: t('home.none') names no text", 'page.tsx: t(^steps\\.[^.]+\\.title$) names no text', 'home.left is used by no screen']);
  });

  it('ok: a template uses every key that it fits, a table of keys uses its own', () => {
    expect(checkUse(new Set(['steps.a.title', 'steps.b.title', 'nav.home']), source("const KEYS = ['nav.home']; t(`steps.${name}.title`);"))).toEqual([]);
  });
});
