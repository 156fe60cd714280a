/** Drivers that hang, crash, lie or babble: each is answered with a clear code, started again, and takes no other driver with it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSoftHsm2Token, type SoftHsm2Token } from '../support/softhsm2.ts';
import type { TokenHostClient } from '../../src-main/token/create-token-host-client.ts';
import type { CallLimits } from '../../src-main/token/driver-process.ts';
import type { DriverConfig } from '../../src-main/token/driver-watch.ts';
import { buildHostileDriver, HOSTILE_SERIAL, type HostileDriver } from './hostile-driver/build-hostile-driver.ts';
import { bytes, errorOf, listThat, softHsm2Driver, startClient } from './token-fixtures.ts';

let hostile: HostileDriver;
let key: SoftHsm2Token;
const HASTY: CallLimits = { logIn: 400, poll: 400 };

beforeAll(async () => {
  hostile = await buildHostileDriver();
  key = await createSoftHsm2Token();
});
afterAll(async () => {
  await hostile?.dispose();
  await key?.dispose();
});

let drivers = 0;
/** One hostile driver in the mode, beside a good one. */
const beside = <T>(mode: string | null, work: Work<T>, limits: CallLimits = {}): Promise<T> => withHostile(mode, work, { limits, others: [softHsm2Driver(key)], environment: {} });
/** The hostile driver by itself. */
const alone = <T>(mode: string | null, work: Work<T>, environment: Readonly<Record<string, string>> = {}): Promise<T> => withHostile(mode, work, { limits: {}, others: [], environment });

type Work<T> = (client: TokenHostClient, driverId: string) => Promise<T>;
interface Setting {
  readonly limits: CallLimits;
  readonly others: readonly DriverConfig[];
  readonly environment: Readonly<Record<string, string>>;
}

async function withHostile<T>(mode: string | null, work: Work<T>, setting: Setting): Promise<T> {
  const driverId = `hostile-${++drivers}`;
  const client = await startClient([hostile.config(driverId, mode, setting.environment), ...setting.others], { limits: setting.limits });
  try {
    return await work(client, driverId);
  } finally {
    await client.close();
  }
}

const stateOf = (client: TokenHostClient, driverId: string, fits: (state: { status: string; errorCode: string | null; restarts: number }) => boolean) =>
  listThat(client, (list) => list.drivers.some((state) => state.driverId === driverId && fits(state))).then((list) => list.drivers.find((state) => state.driverId === driverId));

/** The other driver lists, logs in and answers. */
async function expectTheGoodOneToWork(client: TokenHostClient): Promise<void> {
  const session = await client.logIn({ driverId: 'softhsm2', serial: key.serial }, bytes(key.pin));
  expect(await session.listContainers()).toEqual([]);
  await session.close();
}

describe('hanging and crashing', () => {
  it('refuses: a login in which the driver hangs; it is started again and the other driver works meanwhile', async () => {
    await beside('hang:C_Login', async (client, driverId) => {
      await stateOf(client, driverId, (state) => state.status === 'ready');
      const pid = client.hostPids()[driverId];
      const hanging = errorOf(client.logIn({ driverId, serial: HOSTILE_SERIAL }, bytes('12345678')));
      await expectTheGoodOneToWork(client);
      expect((await hanging).toData()).toMatchObject({ code: 'DRIVER_TIMEOUT', details: { driverId, call: 'logIn', limitMs: 400 } });
      expect(await stateOf(client, driverId, (state) => state.status === 'ready' && state.restarts === 1)).toMatchObject({ errorCode: null });
      expect(client.hostPids()[driverId]).not.toBe(pid);
      expect((await hostile.calls(driverId)).filter((name) => name === 'C_Login')).toHaveLength(1);
    }, HASTY);
  });

  // A library that calls exit() runs Node's own shutdown in the wrong place, which may itself end in a signal.
  for (const [mode, how] of [['crash:C_Login', /^SIGSEGV$/], ['exit:C_Login', /^exit code 0$|^SIG/]] as const) {
    it(`refuses: a login in which the driver ends its process (${mode}); the next call finds it running again`, async () => {
      await beside(mode, async (client, driverId) => {
        expect((await errorOf(client.logIn({ driverId, serial: HOSTILE_SERIAL }, bytes('12345678')))).toData()).toMatchObject({ code: 'DRIVER_CRASHED', details: { driverId, how: expect.stringMatching(how) } });
        expect((await client.get({ driverId, serial: HOSTILE_SERIAL })).label).toBe('Hostile key');
        await expectTheGoodOneToWork(client);
      });
    });
  }

  it('refuses: a driver that crashes whenever it is opened; it is named as failed after three tries', async () => {
    await beside('crash:C_Initialize', async (client, driverId) => {
      expect(await stateOf(client, driverId, (state) => state.status === 'failed')).toMatchObject({ errorCode: 'DRIVER_CRASHED', restarts: 3 });
      await expectTheGoodOneToWork(client);
      expect((await errorOf(client.logIn({ driverId, serial: HOSTILE_SERIAL }, bytes('1234')))).code).toMatch(/^DRIVER_CRASHED$/);
    });
  });

  it('refuses: a driver that hangs while keys are looked for', async () => {
    await beside('hang:C_GetSlotList', async (client, driverId) => {
      expect(await stateOf(client, driverId, (state) => state.errorCode === 'DRIVER_TIMEOUT')).toMatchObject({ errorCode: 'DRIVER_TIMEOUT' });
      await expectTheGoodOneToWork(client);
    }, HASTY);
  });

  it('ok: a slow driver is waited for', async () => {
    await beside('slow:C_GetTokenInfo:150', async (client, driverId) => {
      expect((await client.get({ driverId, serial: HOSTILE_SERIAL })).hardwareModel).toBe('Test');
    });
  });

  it('refuses: a call during which the host process is killed; calls that wait behind it too', async () => {
    await beside('slow:C_Login:5000', async (client, driverId) => {
      await stateOf(client, driverId, (state) => state.status === 'ready');
      const first = errorOf(client.logIn({ driverId, serial: HOSTILE_SERIAL }, bytes('12345678')));
      const second = errorOf(client.logIn({ driverId, serial: HOSTILE_SERIAL }, bytes('12345678')));
      while (!(await hostile.calls(driverId)).includes('C_Login')) await new Promise((resolve) => setTimeout(resolve, 20));
      process.kill(client.hostPids()[driverId] ?? 0, 'SIGKILL');
      expect((await first).toData()).toMatchObject({ code: 'DRIVER_CRASHED', details: { how: 'SIGKILL' } });
      expect((await second).code).toBe('DRIVER_CRASHED');
      expect(await stateOf(client, driverId, (state) => state.status === 'ready')).toMatchObject({ restarts: 1 });
      // Neither login was tried again by itself.
      expect((await hostile.calls(driverId)).filter((name) => name === 'C_Login')).toHaveLength(1);
    });
  });
});

describe('nonsense', () => {
  for (const mode of ['nonsense-slots', 'nonsense-objects', 'endless-objects', 'nonsense-attribute']) {
    it(`refuses: ${mode}`, async () => {
      await beside(mode, async (client, driverId) => {
        expect(await stateOf(client, driverId, (state) => state.status === 'failed')).toMatchObject({ errorCode: 'DRIVER_NONSENSE', restarts: 0 });
        await expectTheGoodOneToWork(client);
      });
    });
  }

  it('refuses: nonsense-mechanisms, at login', async () => {
    await alone('nonsense-mechanisms', async (client, driverId) => {
      expect((await errorOf(client.logIn({ driverId, serial: HOSTILE_SERIAL }, bytes('1234')))).toData()).toMatchObject({ code: 'DRIVER_NONSENSE', details: { functionName: 'C_GetMechanismList' } });
    });
  });

  it('refuses: a library whose function list fails', async () => {
    await alone('no-functions', async (client, driverId) => {
      expect(await stateOf(client, driverId, (state) => state.status === 'failed')).toMatchObject({ errorCode: 'DRIVER_LOAD_FAILED' });
    });
  });

  it('ok: what is no certificate is not listed as one', async () => {
    await alone(null, async (client, driverId) => {
      expect((await client.get({ driverId, serial: HOSTILE_SERIAL })).certificates).toEqual([]);
    });
    await alone('unavailable-attribute', async (client, driverId) => {
      expect((await client.get({ driverId, serial: HOSTILE_SERIAL })).certificates).toEqual([]);
    });
  });

  it('ok: strings in GBK, cut by NUL, without end, and full of rubbish', async () => {
    const tokenOf = (mode: string) => alone(mode, async (client, driverId) => (await client.list()).tokens.find((token) => token.ref.driverId === driverId));
    expect((await tokenOf('gbk-label'))?.label).toBe('招标证书');
    expect((await tokenOf('nul-label'))?.label).toBe('short');
    expect(await tokenOf('unterminated')).toMatchObject({ label: 'L'.repeat(32), manufacturer: 'M'.repeat(32), hardwareModel: 'D'.repeat(16), ref: { serial: 'Z'.repeat(16) } });
    const garbage = await tokenOf('garbage');
    expect(garbage?.ref.serial).toMatch(/^hex:[0-9a-f]{32}$/);
    expect(garbage?.label).not.toMatch(/\p{Cc}/u);
    expect((await tokenOf('blank-serial'))?.ref.serial).toBe('no-serial');
  });

  it('refuses: two keys with one serial', async () => {
    await alone('two-serials', async (client, driverId) => {
      const { tokens } = await client.list();
      expect(tokens.filter((token) => token.ref.serial === HOSTILE_SERIAL)).toHaveLength(2);
      expect((await errorOf(client.get({ driverId, serial: HOSTILE_SERIAL }))).code).toBe('TOKEN_SERIAL_AMBIGUOUS');
      expect((await errorOf(client.logIn({ driverId, serial: HOSTILE_SERIAL }, bytes('1234')))).code).toBe('TOKEN_SERIAL_AMBIGUOUS');
      expect(await hostile.calls(driverId)).not.toContain('C_Login');
    });
  });
});

describe('return codes', () => {
  const TABLE = [
    ['return:C_Login:0xa0', 'PIN_INCORRECT'], ['return:C_Login:0xa2', 'PIN_INCORRECT'], ['return:C_Login:0xa4', 'PIN_LOCKED'], ['return:C_Login:0x102', 'TOKEN_NOT_INITIALISED'], ['return:C_Login:0x32', 'TOKEN_REMOVED'],
    ['return:C_OpenSession:0xe0:2', 'TOKEN_REMOVED'], ['return:C_Login:0x30', 'DRIVER_FUNCTION_FAILED'], ['return:C_Login:0x80000123', 'DRIVER_FUNCTION_FAILED'],
  ] as const;
  for (const [mode, code] of TABLE) {
    it(`refuses: ${mode} as ${code}, with exactly one try`, async () => {
      await alone(mode, async (client, driverId) => {
        const error = await errorOf(client.logIn({ driverId, serial: HOSTILE_SERIAL }, bytes('12345678')));
        expect(error.code).toBe(code);
        expect(JSON.stringify(error.toData())).not.toContain('12345678');
        expect((await hostile.calls(driverId)).filter((name) => name === 'C_Login').length).toBeLessThanOrEqual(1);
      });
    });
  }

  const SIGNING = [
    [null, 'KEY_PROOF_FAILED', 1], ['nonsense-signature', 'KEY_PROOF_FAILED', 1], ['return:C_SignInit:0x70', 'DRIVER_MECHANISM', 0], ['return:C_Sign:0x21', 'DRIVER_FUNCTION_FAILED', 2], ['return:C_Sign:0x32', 'TOKEN_REMOVED', 1],
    ['return:C_Sign:0x101', 'TOKEN_NOT_LOGGED_IN', 1], ['crash:C_Sign', 'DRIVER_CRASHED', 1],
  ] as const;
  for (const [mode, code, signatures] of SIGNING) {
    it(`refuses: a signature with ${mode ?? 'the wrong bytes'} as ${code}`, async () => {
      await alone(mode, async (client, driverId) => {
        const session = await client.logIn({ driverId, serial: HOSTILE_SERIAL }, bytes('12345678'));
        expect((await errorOf(session.sign('id:aaaaaa', 'sign', bytes('x')))).code).toBe(code);
        expect((await hostile.calls(driverId)).filter((name) => name === 'C_Sign')).toHaveLength(signatures);
        await session.close();
      });
    });
  }

  it('ok: a library that knows no locks of the system, or is initialised already', async () => {
    // The first call fails; the second, without locks, would too if it were made with them.
    for (const mode of ['once:C_Initialize:0xa', 'once:C_Initialize:0x7', 'return:C_Initialize:0x191']) {
      await alone(mode, async (client, driverId) => expect((await client.get({ driverId, serial: HOSTILE_SERIAL })).label).toBe('Hostile key'));
    }
  });

  it('refuses: a removal reported in the middle of a deed as TOKEN_REMOVED', async () => {
    await alone('return:C_FindObjects:0x32:3', async (client, driverId) => {
      const session = await client.logIn({ driverId, serial: HOSTILE_SERIAL }, bytes('12345678'));
      expect((await errorOf(session.listContainers())).code).toBe('TOKEN_REMOVED');
      await session.close();
    });
  });

  const FLAGS = [
    ['40d', { status: 'ok', triesLeft: null, mustChange: false }], ['1040d', { status: 'low', triesLeft: null }], ['3040d', { status: 'final-try', triesLeft: 1 }], ['4040d', { status: 'locked', triesLeft: 0 }],
    ['8040d', { status: 'ok', mustChange: true }], ['405', { status: 'not-initialised' }],
  ] as const;
  for (const [flags, pin] of FLAGS) {
    it(`ok: token flags 0x${flags} as PIN state ${pin.status}`, async () => {
      await alone(null, async (client, driverId) => {
        expect((await client.get({ driverId, serial: HOSTILE_SERIAL })).pin).toMatchObject(pin);
        if (pin.status !== 'not-initialised') return;
        expect((await errorOf(client.logIn({ driverId, serial: HOSTILE_SERIAL }, bytes('1234')))).code).toBe('TOKEN_NOT_INITIALISED');
      }, { HOSTILE_FLAG: flags });
    });
  }

  it('refuses: a wrong PIN at the final try says that one is left', async () => {
    await alone('return:C_Login:0xa0', async (client, driverId) => {
      expect((await errorOf(client.logIn({ driverId, serial: HOSTILE_SERIAL }, bytes('12345678')))).toData()).toMatchObject({ code: 'PIN_INCORRECT', details: { triesLeft: 1, pinStatus: 'final-try' } });
    }, { HOSTILE_FLAG: '3040d' });
  });
});
