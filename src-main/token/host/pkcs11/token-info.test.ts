import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { text } from '../text-fields.ts';
import { pinState, readTokenInfo } from './token-info.ts';

describe('text of a token', () => {
  it('ok: blanks and NUL end it, UTF-8 before GBK, control characters go', () => {
    expect(text(Buffer.from('  label   '))).toBe('label');
    expect(text(Buffer.from('招标证书   '))).toBe('招标证书');
    expect(text(Buffer.from([0xd5, 0xd0, 0xb1, 0xea, 0x20]))).toBe('招标');
    expect(text(Buffer.from('a\u0007\u202eb\0c'))).toBe('ab');
    expect(text(new Uint8Array())).toBe('');
  });
  it('ok: any bytes give a text without control characters and a printable serial that tells them apart', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 208, maxLength: 208 }), (bytes) => {
      const info = readTokenInfo(Buffer.concat([bytes, new Uint8Array(304)]));
      for (const field of [info.label, info.manufacturer, info.hardwareModel]) expect(field).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(info.serial).toMatch(/^[\x21-\x7e]{1,64}$/);
      expect(pinState(info, 6).maxTries).toBe(6);
    }));
  });
});
