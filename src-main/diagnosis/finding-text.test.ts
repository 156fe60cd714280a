/** Every finding has its texts in both languages, and what is wrong says why and what to do. */
import { describe, expect, it } from 'vitest';
import { DIAGNOSIS_CODES, type DiagnosisCode } from '#shared/contract/desktop/diagnosis.ts';
import enUs from '../../resources/locales/en-US/diagnosis.json' with { type: 'json' };
import zhCn from '../../resources/locales/zh-CN/diagnosis.json' with { type: 'json' };
import { findingText } from './finding-text.ts';
import { makeFinding } from './findings.ts';

const CODES = Object.keys(DIAGNOSIS_CODES) as DiagnosisCode[];

describe('texts of findings', () => {
  it('ok: a text for each code and no other, in both languages', () => {
    expect(Object.keys(zhCn).sort()).toEqual([...CODES].sort());
    expect(Object.keys(enUs).sort()).toEqual([...CODES].sort());
  });

  it('ok: problems and warnings say cause and next step', () => {
    for (const code of CODES) {
      const [, severity] = DIAGNOSIS_CODES[code];
      if (severity === 'good' || severity === 'note') continue;
      for (const language of ['zh-CN', 'en-US'] as const) {
        const { title, cause, next } = findingText(makeFinding(code, ''), language);
        expect([code, language, title !== '', cause !== '', next !== '']).toEqual([code, language, true, true, true]);
      }
    }
  });

  it('ok: facts are filled in; what is not known is a dash', () => {
    const finding = makeFinding('DRIVER_NEEDS_LIBRARIES', '/x.so', { model: 'gm3000', path: '/x.so', missing: ['liba.so', 'libb.so'] });
    expect(findingText(finding, 'en-US').cause).toBe('/x.so needs these, which this machine does not have: liba.so, libb.so.');
    expect(findingText(makeFinding('KEY_SEEN', ''), 'en-US').title).toBe('UKey seen: – (–)');
  });
});
