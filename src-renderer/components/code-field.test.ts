import { describe, expect, it } from 'vitest';
import { codeDigits } from './code-field.tsx';

describe('authorization code as typed or pasted', () => {
  it.each([
    ['598983', '598983'], ['59 89 83', '598983'], ['【CA】操作授权码：598983，有效期7天，订单20261120', '598983'], ['code 598983 valid 7 days', '598983'], ['5989', '5989'], ['abc', ''], ['59898312', '598983'],
  ])('ok: %s gives %s', (typed, code) => expect(codeDigits(typed)).toBe(code));
});
