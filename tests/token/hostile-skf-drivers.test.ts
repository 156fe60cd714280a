/** SKF libraries that hang, crash, lie about lengths and counts, write GBK or no NUL, or were built with another ABI: each gets a clear code or is understood. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenHostClient } from '../../src-main/token/create-token-host-client.ts';
import type { CallLimits } from '../../src-main/token/driver-process.ts';
import type { TokenSession } from '../../src-main/token/token-port.ts';
import { buildHostileSkf, SKF_ABIS, SKF_HOSTILE_CONTAINER, SKF_HOSTILE_SERIAL, type HostileSkf, type SkfAbi } from './hostile-skf/build-hostile-skf.ts';
import { bytes, errorOf, listThat, startClient } from './token-fixtures.ts';

let hostile: HostileSkf;
beforeAll(async () => { hostile = await buildHostileSkf(); });
afterAll(() => hostile?.dispose());

let drivers = 0;
interface At {
  readonly client: TokenHostClient;
  readonly driverId: string;
  readonly serial: string;
}

async function withDriver<T>(mode: string | null, work: (at: At) => Promise<T>, setting: { abi?: SkfAbi; limits?: CallLimits; serial?: string } = {}): Promise<T> {
  const driverId = `skf-${++drivers}`;
  const client = await startClient([hostile.config(driverId, mode, setting.abi)], { limits: setting.limits ?? {} });
  try {
    return await work({ client, driverId, serial: setting.serial ?? SKF_HOSTILE_SERIAL });
  } finally {
    await client.close();
  }
}
const logIn = ({ client, driverId, serial }: At, pin = '12345678') => client.logIn({ driverId, serial }, bytes(pin));
const inSession = <T>(mode: string | null, work: (session: TokenSession, at: At) => Promise<T>, abi: SkfAbi = 'standard') => withDriver(mode, async (at) => work(await logIn(at), at), { abi });
const onlyToken = async ({ client }: At) => (await client.list()).tokens[0];
/** The driver's state once it has settled on a failure. */
const failure = (mode: string) => withDriver(mode, ({ client }) => listThat(client, (list) => list.drivers[0]?.errorCode != null).then((list) => list.drivers[0]));

describe.each(Object.keys(SKF_ABIS) as SkfAbi[])('a library built as %s', (abi) => {
  it('ok: is read: texts, free space, tries, public key', async () => {
    await inSession(null, async (session, at) => {
      expect(await onlyToken(at)).toMatchObject({ label: 'Hostile key', manufacturer: 'Hostile', hardwareModel: 'Test', freeBytes: 12_345, pin: { status: 'low', triesLeft: 3, maxTries: 10, mustChange: false } });
      expect((await session.readContainer(SKF_HOSTILE_CONTAINER))?.sign.publicKeySpkiDer).toHaveLength(91);
    }, abi);
  });
});

describe('texts and lists', () => {
  it('ok: a label in GBK is read as Chinese', () => withDriver('gbk-label', async (at) => expect(await onlyToken(at)).toMatchObject({ label: '招标证书' })));
  it('ok: fields without NUL end with their field', () => withDriver('unterminated', async (at) => {
    expect(await onlyToken(at)).toMatchObject({ label: 'L'.repeat(32), manufacturer: 'M'.repeat(64), hardwareModel: 'I'.repeat(64), ref: { serial: 'Z'.repeat(32) } });
  }));
  it('ok: garbage gives a key with a serial in hexadecimal and no free space', () => withDriver('garbage', async (at) => {
    const token = await onlyToken(at);
    expect(token?.ref.serial).toMatch(/^hex:[0-9a-f]{2,60}$/);
    expect(token?.freeBytes).toBeNull();
  }));
  it('ok: a list without its last NUL, or longer than what is in it, is read', async () => {
    for (const mode of ['list-unterminated', 'size-too-great']) await withDriver(mode, async (at) => expect(await onlyToken(at)).toMatchObject({ ref: { serial: SKF_HOSTILE_SERIAL } }));
  });
  it('ok: an empty list of devices is no device', () => withDriver('no-device', async ({ client }) => expect(await client.list()).toMatchObject({ tokens: [], drivers: [{ status: 'ready' }] })));
  it('ok: container names that are too long are passed over', () => inSession('long-names', async (session) => expect(await session.listContainers()).toEqual([])));
  it('refuses: lists longer than the buffer, a handle that is null', async () => {
    for (const mode of ['nonsense-lists', 'null-handle']) expect(await failure(mode)).toMatchObject({ errorCode: 'DRIVER_NONSENSE' });
  });
});

describe('applications and PINs', () => {
  it('refuses: a login on a key without application', () => withDriver('no-application', async (at) => {
    expect(await onlyToken(at)).toMatchObject({ pin: { status: 'not-initialised' } });
    expect((await errorOf(logIn(at))).code).toBe('TOKEN_NOT_INITIALISED');
  }));
  it('refuses: to guess which of two applications is meant', () => withDriver('two-applications', async (at) => {
    expect(await onlyToken(at)).toMatchObject({ pin: { status: 'unknown' } });
    expect((await errorOf(logIn(at))).toData()).toMatchObject({ code: 'TOKEN_APPLICATION_UNKNOWN', details: { applications: ['FIRST', 'SECOND'] } });
  }));
  it('ok: counts of tries that cannot be are unknown; a login works all the same', () => inSession('pin-counts-lie', async (_session, at) => expect(await onlyToken(at)).toMatchObject({ pin: { status: 'unknown', triesLeft: null } })));
  it('ok: the PIN that the key came with has to be changed', () => withDriver('default-pin', async (at) => expect(await onlyToken(at)).toMatchObject({ pin: { mustChange: true } })));
  it('refuses: a wrong PIN, tried once; a PIN with NUL is not tried at all', () => withDriver(null, async (at) => {
    expect((await errorOf(logIn(at, '87654321'))).toData()).toMatchObject({ code: 'PIN_INCORRECT', details: { triesLeft: 3, returnCode: 'SAR_PIN_INCORRECT' } });
    expect((await errorOf(logIn(at, '12345678\0'))).code).toBe('INPUT_INVALID');
    expect((await hostile.calls(at.driverId)).filter((name) => name === 'SKF_VerifyPIN')).toHaveLength(1);
  }));
});

describe('what the library has no call for', () => {
  it('refuses: unlocking, another administrator PIN, another label, first PINs; each is named, and no PIN is tried', () => withDriver(null, async (at) => {
    const ref = { driverId: at.driverId, serial: at.serial };
    const named = async (work: Promise<unknown>) => (await errorOf(work)).toData();
    expect(await named(at.client.unblockPin(ref, bytes('73916428'), bytes('62841937')))).toMatchObject({ code: 'DRIVER_MECHANISM', details: { mechanism: 'SKF_UnblockPIN' } });
    expect(await named(at.client.changeAdminPin(ref, bytes('73916428'), bytes('62841937')))).toMatchObject({ code: 'DRIVER_MECHANISM', details: { mechanism: 'SKF_ChangePIN' } });
    expect(await named(at.client.renameLabel(ref, 'other'))).toMatchObject({ code: 'DRIVER_MECHANISM', details: { mechanism: 'SKF_SetLabel' } });
    expect((await named(at.client.initialise(ref, { label: 'x', adminPin: bytes('73916428'), userPin: bytes('62841937'), deviceKey: bytes('1234567812345678') }))).code).toBe('TOKEN_INITIALISED');
    expect(await hostile.calls(at.driverId)).not.toContain('SKF_VerifyPIN');
  }));
  it('refuses: an application without the call for it; room is told as far as it is known', () => withDriver('no-application', async (at) => {
    const ref = { driverId: at.driverId, serial: at.serial };
    expect((await errorOf(at.client.initialise(ref, { label: 'x', adminPin: bytes('73916428'), userPin: bytes('62841937'), deviceKey: bytes('1234567812345678') }))).toData()).toMatchObject({ code: 'DRIVER_MECHANISM', details: { mechanism: 'SKF_GenRandom' } });
    expect(await at.client.room(ref)).toMatchObject({ freeBytes: 12_345 });
  }));
});

describe('keys and certificates', () => {
  it('ok: coordinates that stand on the left are understood', () => inSession('left-aligned', async (session) => expect((await session.readContainer(SKF_HOSTILE_CONTAINER))?.sign.publicKeySpkiDer).toHaveLength(91)));
  it('ok: a point off the curve is no public key of SM2', () => inSession('off-curve', async (session) => expect((await session.readContainer(SKF_HOSTILE_CONTAINER))?.sign.publicKeySpkiDer).toBeNull()));
  it('refuses: public keys of lengths that cannot be', async () => {
    for (const mode of ['key-length-lies', 'key-odd-length']) await inSession(mode, async (session) => expect((await errorOf(session.readContainer(SKF_HOSTILE_CONTAINER))).code).toBe('DRIVER_NONSENSE'));
  });
  it('refuses: a certificate longer than the buffer', async () => expect(await failure('certificate-length-lies')).toMatchObject({ errorCode: 'DRIVER_NONSENSE' }));
  it('ok: an empty certificate is none, garbage is not shown', async () => {
    for (const mode of ['empty-certificate', 'certificate-is-garbage']) await withDriver(mode, async (at) => expect(await onlyToken(at)).toMatchObject({ certificates: [] }));
  });
  it('refuses: a signature that does not verify', () => inSession(null, async (session) => expect((await errorOf(session.sign(SKF_HOSTILE_CONTAINER, 'sign', bytes('x')))).code).toBe('KEY_PROOF_FAILED')));
  it('refuses: decrypting where the library has no call for it', () => inSession(null, async (session) => expect((await errorOf(session.decrypt(SKF_HOSTILE_CONTAINER, 'sign', bytes('x')))).code).toBe('DECRYPT_FAILED')));
  const generations = async (mode: string) => inSession(mode, async (session, at) => {
    const { code } = await errorOf(session.generateSigningKeyPair(SKF_HOSTILE_CONTAINER, 'sm2'));
    return { code, tries: (await hostile.calls(at.driverId)).filter((name) => name === 'SKF_GenECCKeyPair').length };
  });
  it('ok: of the two numbers of SGD_SM2_1 the other one is tried when the first is refused; refuses: a key that then is not there', async () => {
    expect(await generations('no-keys')).toEqual({ code: 'KEY_NOT_FOUND', tries: 1 });
    expect(await generations('no-keys-old-number')).toEqual({ code: 'KEY_NOT_FOUND', tries: 2 });
    expect(await generations('no-keys-no-number')).toEqual({ code: 'DRIVER_MECHANISM', tries: 2 });
  });
  it('ok: a container that has a key keeps it; refuses: a key of another algorithm in it, RSA where the library has no call for it', () => inSession(null, async (session, at) => {
    expect((await session.generateSigningKeyPair(SKF_HOSTILE_CONTAINER, 'sm2')).publicKeySpkiDer).toHaveLength(91);
    expect((await errorOf(session.generateSigningKeyPair(SKF_HOSTILE_CONTAINER, 'rsa-2048'))).code).toBe('KEY_PROOF_FAILED');
    expect(await hostile.calls(at.driverId)).not.toContain('SKF_GenECCKeyPair');
  }).then(() => inSession('no-keys', async (session) => expect((await errorOf(session.generateSigningKeyPair(SKF_HOSTILE_CONTAINER, 'rsa-2048'))).toData()).toMatchObject({ code: 'DRIVER_MECHANISM', details: { mechanism: 'SKF_GenRSAKeyPair' } }))));
});

describe('hanging, crashing, refusing', () => {
  it('refuses: a login in which the driver hangs; it is started again', () => withDriver('hang:SKF_VerifyPIN', async (at) => {
    expect((await errorOf(logIn(at))).toData()).toMatchObject({ code: 'DRIVER_TIMEOUT', details: { call: 'logIn' } });
    expect((await listThat(at.client, (list) => list.drivers[0]?.status === 'ready')).drivers[0]).toMatchObject({ restarts: 1 });
  }, { limits: { logIn: 400 } }));
  it('refuses: a signature in which the driver crashes', () => inSession('crash:SKF_ECCSignData', async (session) => expect((await errorOf(session.sign(SKF_HOSTILE_CONTAINER, 'sign', bytes('x')))).code).toBe('DRIVER_CRASHED')));
  it.each([['0x0a000025', 'PIN_LOCKED'], ['0x0a000033', 'PIN_LOCKED'], ['0x0a000023', 'TOKEN_REMOVED'], ['0x0a000001', 'DRIVER_FUNCTION_FAILED'], ['0x12345678', 'DRIVER_FUNCTION_FAILED']] as const)('refuses: %s of SKF_VerifyPIN as %s', (code, wanted) => withDriver(`return:SKF_VerifyPIN:${code}`, async (at) => {
    expect((await errorOf(logIn(at))).code).toBe(wanted);
  }));
  it('refuses: a file that is no SKF library', async () => {
    const client = await startClient([{ ...hostile.config('not-skf', null), libraryPath: '/usr/lib/x86_64-linux-gnu/libc.so.6' }]);
    expect((await listThat(client, (list) => list.drivers[0]?.errorCode != null)).drivers[0]).toMatchObject({ status: 'failed', errorCode: 'DRIVER_LOAD_FAILED' });
    await client.close();
  });
});
