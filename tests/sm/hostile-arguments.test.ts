/** The addon under wrong arguments: whatever comes in, a code comes out and the process lives. */
import { afterAll, describe, expect, it } from 'vitest';
import { toHex } from '#shared/bytes/hex.ts';
import { nativeEngine } from '#shared/sm/native-engine.ts';
import { sm3 } from '#shared/sm/sm3.ts';
import { loadNativeAddon } from './each-engine.ts';

const addon = loadNativeAddon();
type Call = (...parameters: unknown[]) => unknown;
const calls = addon as unknown as Record<string, Call>;
const call = (name: string, ...parameters: unknown[]) => {
  const found = calls[name];
  if (!found) throw new Error(`no call ${name}`);
  return found(...parameters);
};

const key = new Uint8Array(16).fill(1);
const nonce = new Uint8Array(12).fill(2);
const data = new Uint8Array(100).fill(3);
const privateKey = new Uint8Array(32).fill(4);

function detached(): Uint8Array {
  const view = new Uint8Array(100);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
}

/** `ArrayBuffer` with maxByteLength is newer than our TypeScript library setting. */
function resizable(): Uint8Array {
  const Resizable = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
  return new Uint8Array(new Resizable(100, { maxByteLength: 200 }));
}

const NO_BYTES: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined], ['null', null], ['a number', 7], ['a string', 'text'], ['a plain object', { length: 16, buffer: new ArrayBuffer(16) }], ['an array', [1, 2, 3]], ['an ArrayBuffer', new ArrayBuffer(16)],
  ['a DataView', new DataView(new ArrayBuffer(16))], ['a Uint16Array', new Uint16Array(16)], ['a Float64Array', new Float64Array(16)], ['shared memory', new Uint8Array(new SharedArrayBuffer(16))],
  ['a detached buffer', detached()], ['a resizable buffer', resizable()], ['a symbol', Symbol('bytes')], ['a function', () => key], ['a proxy', new Proxy(new Uint8Array(16), {})],
];

/** Each operation with right arguments; every one of them is then replaced by something wrong. */
const OPERATIONS: Readonly<Record<string, readonly unknown[]>> = {
  sm3: [data],
  sm4Ctr: [key, new Uint8Array(16), data],
  sm4CbcEncrypt: [key, new Uint8Array(16), data],
  sm4CbcDecrypt: [key, new Uint8Array(16), new Uint8Array(112)],
  sm4GcmEncrypt: [key, nonce, data, data],
  sm4GcmDecrypt: [key, nonce, data, data],
  aes256GcmEncrypt: [new Uint8Array(32), nonce, data, data],
  aes256GcmDecrypt: [new Uint8Array(32), nonce, data, data],
  sm2PublicKey: [privateKey],
  sm2Sign: [privateKey, new Uint8Array(32), new Uint8Array(0)],
  sm2Verify: [new Uint8Array(65), new Uint8Array(32), new Uint8Array(64)],
  sm2Encrypt: [new Uint8Array(65), data, privateKey],
  sm2Decrypt: [privateKey, new Uint8Array(200)],
};

const argumentError = expect.objectContaining({ code: 'ENGINE_ARGUMENT' });

describe.each(['', 'Sync'])('operations%s', (ending) => {
  const cases = Object.entries(OPERATIONS).flatMap(([name, right]) => right.flatMap((_, at) => NO_BYTES.map(([what, value]) => ({ name: name + ending, at, what, parameters: right.map((one, i) => (i === at ? value : one)) }))));
  it.each(cases)('refuses: $name with $what as argument $at', ({ name, parameters }) => {
    expect(() => call(name, ...parameters)).toThrow(argumentError);
  });

  it('refuses: missing arguments and too many', () => {
    for (const [name, right] of Object.entries(OPERATIONS)) {
      expect(() => call(name + ending)).toThrow(argumentError);
      expect(() => call(name + ending, ...right, undefined, undefined, undefined, undefined, undefined, undefined)).toThrow(argumentError);
    }
  });

  it.each([
    ['sm4Ctr', [new Uint8Array(15), new Uint8Array(16), data]], ['sm4Ctr', [new Uint8Array(32), new Uint8Array(16), data]], ['sm4Ctr', [key, new Uint8Array(12), data]],
    ['sm4GcmEncrypt', [key, new Uint8Array(16), data, data]], ['sm4GcmEncrypt', [key, new Uint8Array(0), data, data]], ['sm4CbcEncrypt', [key, new Uint8Array(15), data]],
    ['sm2Sign', [new Uint8Array(31), new Uint8Array(32), new Uint8Array(0)]], ['sm2Sign', [privateKey, new Uint8Array(33), new Uint8Array(0)]], ['sm2Sign', [privateKey, new Uint8Array(32), new Uint8Array(257)]],
    ['sm2Verify', [new Uint8Array(65), new Uint8Array(31), new Uint8Array(64)]], ['sm2Encrypt', [new Uint8Array(65), new Uint8Array(0), privateKey]], ['sm2Encrypt', [new Uint8Array(65), new Uint8Array((1 << 20) + 1), privateKey]],
    ['sm4Ctr', [key, new Uint8Array(16), data, new Uint8Array(99)]], ['sm4GcmEncrypt', [key, nonce, data, data, new Uint8Array(100)]],
  ] as const)('refuses: %s with a wrong length', (name, parameters) => {
    expect(() => call(name + ending, ...parameters)).toThrow(argumentError);
  });

  it('refuses: output that overlaps the input without being it', () => {
    const room = new Uint8Array(200);
    expect(() => call(`sm4Ctr${ending}`, key, new Uint8Array(16), room.subarray(0, 100), room.subarray(1, 101))).toThrow(argumentError);
    expect(() => call(`sm4GcmEncrypt${ending}`, key, nonce, data, room.subarray(16, 100), room.subarray(0, 100))).toThrow(argumentError);
  });

  it('refuses: short ciphertexts with the one answer for every cause', () => {
    for (const parameters of [['sm4GcmDecrypt', key, nonce, data, new Uint8Array(15)], ['sm2Decrypt', privateKey, new Uint8Array(97)]] as const) {
      const [name, ...rest] = parameters;
      expect(() => call(name + ending, ...rest)).toThrow(expect.objectContaining({ code: 'DECRYPT_FAILED' }));
    }
  });
});

describe('lists of messages', () => {
  it.each([['no array', data], ['null', null], ['an array with a hole', [data, undefined]], ['an array with text', [data, 'text']], ['array-like', { length: 1, 0: data }]])('refuses: %s', (_, value) => {
    for (const name of ['sm3Many', 'sha256Many']) expect(() => call(name, value)).toThrow(argumentError);
  });

  it('refuses: an array with a getter that throws, with what it threw', () => {
    const trap = [data];
    Object.defineProperty(trap, 0, { get: () => { throw new RangeError('trap'); } });
    expect(() => call('sm3Many', trap)).toThrow('trap');
  });

  it('ok: no message, and many', async () => {
    expect((await addon.sm3Many([])).length).toBe(0);
    expect((await addon.sm3Many(Array.from({ length: 5000 }, () => data))).length).toBe(160_000);
  });
});

describe('streams', () => {
  it.each([['undefined', undefined], ['a plain object', {}], ['bytes', data], ['an object with our prototype', Object.create(addon.createSm3()) as object]])('refuses: %s as a stream', (_, value) => {
    expect(() => call('sm3Update', value, data)).toThrow(argumentError);
  });

  it('refuses: a second call while the first is under way, and goes on afterwards', async () => {
    const stream = addon.createSm3();
    const large = new Uint8Array(8 << 20);
    const first = addon.sm3Update(stream, large);
    expect(() => call('sm3Update', stream, data)).toThrow(expect.objectContaining({ code: 'ENGINE_BUSY' }));
    expect(() => call('sm3Digest', stream)).toThrow(expect.objectContaining({ code: 'ENGINE_BUSY' }));
    await first;
    await addon.sm3Update(stream, data);
    expect(toHex(await addon.sm3Digest(stream))).toBe(toHex(sm3(large, data)));
  });

  it('refuses: a finished stream', async () => {
    const stream = addon.createSm3();
    await addon.sm3Digest(stream);
    expect(() => call('sm3Update', stream, data)).toThrow(argumentError);
    expect(() => call('sm3Digest', stream)).toThrow(argumentError);
  });
});

describe('buffers that change under way', () => {
  it('refuses: input detached while it is being worked on, and gives no result', async () => {
    const large = new Uint8Array(32 << 20);
    const under = addon.sm3(large);
    // Kept here, so that the memory itself stays while the pool thread reads it.
    const moved = structuredClone(large.buffer, { transfer: [large.buffer] });
    await expect(under).rejects.toThrow(expect.objectContaining({ code: 'ENGINE_BUFFER_CHANGED' }));
    expect(moved.byteLength).toBe(32 << 20);
  });

  it('ok: input that nobody else holds survives a collection', async () => {
    const collect = (globalThis as { gc?: () => void }).gc;
    const results = Array.from({ length: 16 }, () => addon.sm3(new Uint8Array(1 << 20).fill(9)));
    collect?.();
    const wanted = toHex(sm3(new Uint8Array(1 << 20).fill(9)));
    for (const result of results) expect(toHex(await result)).toBe(wanted);
  });

  it('ok: an own property named resizable on a buffer changes nothing', () => {
    const view = new Uint8Array(3);
    Object.defineProperty(view.buffer, 'resizable', { value: true });
    expect(toHex(addon.sm3Sync(view))).toBe(toHex(sm3(view)));
  });
});

describe('the engine above the addon', () => {
  const engine = nativeEngine(addon);

  it('refuses: misuse as SM_ENGINE_FAILED with the code of the addon in its details', async () => {
    await expect(engine.sm4Ctr(new Uint8Array(3), new Uint8Array(16), data)).rejects.toMatchObject({ code: 'SM_ENGINE_FAILED', details: { reason: 'ENGINE_ARGUMENT' } });
  });

  it('refuses: encryption of nothing, and to no point', async () => {
    const source = { randomBytes: (length: number) => new Uint8Array(length).fill(5) };
    await expect(engine.sm2Encrypt(await engine.sm2PublicKey(privateKey), new Uint8Array(0), source)).rejects.toMatchObject({ code: 'KEY_INVALID' });
    await expect(engine.sm2Encrypt(new Uint8Array(65), data, source)).rejects.toMatchObject({ code: 'KEY_INVALID' });
  });

  it('ok: a random number out of range is replaced by the next', async () => {
    const numbers = [new Uint8Array(32), new Uint8Array(32).fill(0xff), new Uint8Array(32).fill(6)];
    const publicKey = await engine.sm2PublicKey(privateKey);
    const ciphertext = await engine.sm2Encrypt(publicKey, data, { randomBytes: () => numbers.shift() ?? new Uint8Array(32) });
    expect(toHex(await engine.sm2Decrypt(privateKey, ciphertext))).toBe(toHex(data));
    expect(numbers.length).toBe(0);
  });
});

describe('kernels', () => {
  const best = addon.kernel();
  afterAll(() => expect(addon.kernel()).toBe(best));

  it('refuses: numbers of no kernel', () => {
    for (const value of [-1, 3, 'avx2', undefined]) expect(() => call('testOnlyUseKernel', value)).toThrow(argumentError);
  });
});
