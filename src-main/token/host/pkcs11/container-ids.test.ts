import { describe, expect, it } from 'vitest';
import { fromHex } from '#shared/bytes/hex.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { keyIdOf, labelOf, placeOf } from './container-ids.ts';

const OWN = '00112233445566778899aabbccddeeff';

describe('ids of containers', () => {
  it('ok: own ids round-trip with their role', () => {
    for (const purpose of ['sign', 'encrypt'] as const) expect(placeOf(keyIdOf(OWN, purpose), labelOf(OWN, purpose))).toEqual({ containerId: OWN, purpose });
  });
  it('ok: 17 bytes of another program are foreign, whatever their last byte', () => {
    expect(placeOf(fromHex(`${OWN}01`), 'Signature key')).toEqual({ containerId: `id:${OWN}01`, purpose: null });
    expect(placeOf(fromHex(`${OWN}03`), 'BidKey sign')).toEqual({ containerId: `id:${OWN}03`, purpose: null });
  });
  it('ok: foreign ids round-trip, also the empty one', () => {
    for (const hex of ['', '45', 'c0ffee']) expect(keyIdOf(placeOf(fromHex(hex), '')?.containerId ?? '', 'sign')).toEqual(fromHex(hex));
  });
  it('refuses: what is no id, and ids too long to be named', () => {
    expect(() => keyIdOf('elsewhere', 'sign')).toThrow(AppError);
    expect(placeOf(new Uint8Array(61), '')).toBeNull();
  });
});
