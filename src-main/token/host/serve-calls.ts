/** Answers the calls of the client one after another: check, carry out, answer with value or error as data and the time spent inside the driver. */
import { Value } from '@sinclair/typebox/value';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { settle } from '#shared/errors/result.ts';
import { HOST_CALLS, HostRequest, type HostInput, type HostMethod, type HostReply } from '../host-protocol.ts';
import type { ParentChannel } from '../parent-channel.ts';
import { DRIVER_INTERFACES, type HostDriver } from './host-driver.ts';

export function serveCalls(channel: ParentChannel): void {
  let driver: HostDriver | null = null;

  function open(input: HostInput<'open'>): null {
    driver = DRIVER_INTERFACES[input.interface](input.libraryPath, input.profile, input.lentDevices);
    return null;
  }

  function carryOut(request: HostRequest): unknown {
    const { method, input } = request;
    if (!Value.Check(HOST_CALLS[method].input, input)) throw new AppError('INPUT_INVALID', { method });
    if (method === 'open') return open(input as HostInput<'open'>);
    if (driver === null) return refuse('DRIVER_LOAD_FAILED', { reason: 'not opened' });
    // The table gives each method the schema that was just checked.
    const handler = driver[method] as (checked: HostInput<HostMethod>) => unknown;
    return handler.call(driver, input as HostInput<HostMethod>);
  }

  channel.onMessage((message) => {
    if (!Value.Check(HostRequest, message)) return;
    const before = driver?.driverMs() ?? 0;
    void settle(() => namingTheCall(message.method, () => carryOut(message))).then((result) => {
      const reply: HostReply = { id: message.id, driverMs: Math.max(0, (driver?.driverMs() ?? 0) - before), result: result as HostReply['result'] };
      channel.send(reply);
    });
  });
}

/** A mistake of ours in here is seen only on the other side: it takes the name of the call along. Arguments are not repeated, they may hold a PIN. */
function namingTheCall<T>(method: HostMethod, call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw new AppError('INTERNAL', { method, kind: thrown instanceof Error ? thrown.name : 'unknown' }, thrown);
  }
}
