import { describe, expect, it } from 'vitest';
import { formProblems, moneyInWords, type FieldRules } from './form-problems.ts';

const field = (kind: FieldRules['kind'], more: Partial<FieldRules> = {}): FieldRules => ({ id: 'f', kind, required: true, choices: [], minimum: null, maximum: null, maxLength: null, ...more });
const problemOf = (one: FieldRules, value: string) => formProblems([one], { f: value })[0]?.problem ?? null;

describe('forms of a tender', () => {
  it.each([
    [field('text'), '某某公司'], [field('text', { required: false }), ''], [field('amount'), '1200.50'], [field('integer', { minimum: -1 }), '-1'], [field('date'), '2028-02-29'], [field('choice', { choices: ['甲', '乙'] }), '乙'],
  ])('ok: %j takes %s', (one, value) => expect(problemOf(one, value)).toBeNull());

  it.each([
    [field('text'), '  ', 'missing'], [field('text', { maxLength: 2 }), '三个字', 'too-long'], [field('amount'), '1,200', 'not-a-number'], [field('amount'), '1.234', 'not-a-number'], [field('amount'), '-1', 'not-a-number'],
    [field('integer'), '1.5', 'not-a-number'], [field('integer'), '12a', 'not-a-number'], [field('amount', { minimum: 10 }), '9.99', 'too-small'], [field('amount', { maximum: 10 }), '10.01', 'too-large'], [field('date'), '2027-02-29', 'not-a-date'], [field('date'), '2027/02/01', 'not-a-date'],
    [field('choice', { choices: ['甲'] }), '丙', 'not-a-choice'],
  ])('refuses: %j with %s: %s', (one, value, problem) => expect(problemOf(one, value)).toBe(problem));

  it('refuses: a value for a field that the form does not have', () => expect(formProblems([], { x: '1' })).toEqual([{ fieldId: 'x', problem: 'unknown-field' }]));
});

describe('money in words', () => {
  it.each([
    ['0', '零元整'], ['1', '壹元整'], ['10', '壹拾元整'], ['105', '壹佰零伍元整'], ['1200.50', '壹仟贰佰元伍角'], ['1200.05', '壹仟贰佰元零伍分'], ['0.05', '伍分'], ['10000', '壹万元整'], ['10001', '壹万零壹元整'],
    ['12000500', '壹仟贰佰万零伍佰元整'], ['100000000', '壹亿元整'], ['100000001', '壹亿零壹元整'], ['123456789.12', '壹亿贰仟叁佰肆拾伍万陆仟柒佰捌拾玖元壹角贰分'],
  ])('ok: %s is %s', (yuan, words) => expect(moneyInWords(yuan)).toBe(words));
});
