/** The calls, limits and losses of a driver process, on a process and a clock of the test's own: what real processes do is in tests/token. */
import { describe, expect, it } from 'vitest';
import type { AppError } from '#shared/errors/app-error.ts';
import { DriverProcess } from './driver-process.ts';
import type { HostRequest } from './host-protocol.ts';
import { silentLog } from './token-host-ports.ts';

function setUp() {
  const sent: HostRequest[] = [];
  const lost: AppError[] = [];
  const timers = new Map<() => void, number>();
  let answer: (message: unknown) => void = () => undefined;
  let exit: (how: string) => void = () => undefined;
  let kills = 0;
  const driver = new DriverProcess({
    driverId: 'd', environment: {}, limits: { poll: 50 }, log: silentLog, onLost: (error) => lost.push(error),
    clock: { nowMs: () => 0, after: (milliseconds, call) => { timers.set(call, milliseconds); return () => timers.delete(call); } },
    spawner: { spawn: () => ({ pid: 1, send: (message) => sent.push(message as HostRequest), onMessage: (listener) => { answer = listener; }, onExit: (listener) => { exit = listener; }, kill: () => { kills++; } }) },
  });
  driver.start();
  const reply = (id: number, value: unknown, driverMs = 1) => answer({ id, driverMs, result: { ok: true, value } });
  return { driver, sent, lost, timers, reply, answer: (message: unknown) => answer(message), exit: (how: string) => exit(how), kills: () => kills };
}
const codeOf = (call: Promise<unknown>) => call.then(() => 'value', (thrown: AppError) => thrown.code);

describe('a driver process', () => {
  it('ok: one call at a time, each limited from when it is sent', async () => {
    const { driver, sent, timers, reply } = setUp();
    const first = driver.call('poll', { fresh: true });
    const second = driver.call('logOut', { sessionId: 1 });
    expect(sent.map((request) => request.method)).toEqual(['poll']);
    expect([...timers.values()]).toEqual([50]);
    reply(1, [], 7);
    expect(await first).toEqual([]);
    expect(sent.map((request) => request.method)).toEqual(['poll', 'logOut']);
    expect([...timers.values()]).toEqual([10_000]);
    reply(2, null, 5);
    await second;
    expect({ timers: timers.size, driverMs: driver.driverMs, busy: driver.busy }).toEqual({ timers: 0, driverMs: 12, busy: false });
  });

  it('refuses: all that waits when the limit passes, and ends the process', async () => {
    const { driver, timers, lost, kills } = setUp();
    const codes = [codeOf(driver.call('poll', { fresh: true })), codeOf(driver.call('poll', { fresh: true }))];
    [...timers.keys()][0]?.();
    expect(await Promise.all(codes)).toEqual(['DRIVER_TIMEOUT', 'DRIVER_TIMEOUT']);
    expect({ lost: lost.map((error) => error.code), kills: kills() }).toEqual({ lost: ['DRIVER_TIMEOUT'], kills: 1 });
    expect(await codeOf(driver.call('poll', { fresh: true }))).toBe('DRIVER_CRASHED');
  });

  it('refuses: answers that fit no schema, by value or as a whole', async () => {
    const first = setUp();
    const wrongValue = codeOf(first.driver.call('poll', { fresh: true }));
    first.reply(1, [{ serial: 'x' }]);
    expect([await wrongValue, first.lost.length]).toEqual(['DRIVER_NONSENSE', 0]);
    for (const message of [null, { id: 99, driverMs: 0, result: { ok: true, value: null } }, { id: 1, result: { ok: true } }, { id: 1, driverMs: -1, result: { ok: true, value: [] } }]) {
      const { driver, answer, lost } = setUp();
      const call = codeOf(driver.call('poll', { fresh: true }));
      answer(message);
      expect([await call, lost.length]).toEqual(['DRIVER_NONSENSE', 1]);
    }
  });

  it('refuses: an error code that is not in our table, as INTERNAL', async () => {
    const { driver, answer } = setUp();
    const call = codeOf(driver.call('poll', { fresh: true }));
    answer({ id: 1, driverMs: 0, result: { ok: false, error: { code: 'rm -rf', details: {} } } });
    expect(await call).toBe('INTERNAL');
  });

  it('ok: stopping on purpose is no loss; a late exit is not told', async () => {
    const { driver, exit, lost } = setUp();
    const call = codeOf(driver.call('poll', { fresh: true }));
    const { AppError: Refusal } = await import('#shared/errors/app-error.ts');
    driver.stop(new Refusal('CANCELLED'));
    exit('SIGKILL');
    expect([await call, lost]).toEqual(['CANCELLED', []]);
  });
});
