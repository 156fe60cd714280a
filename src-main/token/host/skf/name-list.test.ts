import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerIdOf, containerNameOf } from './container-names.ts';
import { readNameList, withNul } from './name-list.ts';

const names = (list: Buffer) => readNameList(list).map((name) => Buffer.from(name).toString('latin1'));

describe('lists of names', () => {
  it('ok: NUL between, double NUL at the end, or the length, or neither', () => {
    expect(names(Buffer.from('one\0two\0\0'))).toEqual(['one', 'two']);
    expect(names(Buffer.from('one\0two\0\0rubbish\0'))).toEqual(['one', 'two']);
    expect(names(Buffer.from('one\0two'))).toEqual(['one', 'two']);
    expect(names(Buffer.from('\0\0'))).toEqual([]);
    expect(names(Buffer.alloc(0))).toEqual([]);
  });
  it('ok: any bytes give names without NUL that go back as they came', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const name of readNameList(bytes)) {
        expect(name.includes(0)).toBe(false);
        expect(name.length).toBeGreaterThan(0);
        expect(withNul(name).subarray(0, -1)).toEqual(Buffer.from(name));
      }
    }));
  });
});

describe('names of containers', () => {
  const OWN = '00112233445566778899aabbccddeeff';
  it('ok: own and foreign names round-trip', () => {
    for (const name of [OWN, '招标证书', 'Container 1', OWN.toUpperCase()]) {
      const id = containerIdOf(Buffer.from(name)) ?? '';
      expect(Buffer.from(containerNameOf(id)).toString()).toBe(name);
      expect(id === name).toBe(name === OWN);
    }
  });
  it('refuses: what is no id; a name too long to be one is none', () => {
    expect(() => containerNameOf('elsewhere')).toThrow(expect.objectContaining({ code: 'CONTAINER_NOT_FOUND' }));
    expect(containerIdOf(Buffer.alloc(61, 'n'))).toBeNull();
  });
});
