import { describe, expect, it } from 'vitest';
import { createLocalBridge, type EventStream } from './bridge-local.ts';

/** A page whose network and clock the test holds. */
function aPage(answer: () => Promise<Response> = async () => Response.json({ ok: true, value: 1 })) {
  const requests: { path: string; init: RequestInit }[] = [];
  const streams: (EventStream & { closed: boolean })[] = [];
  const timers: { milliseconds: number; run: () => void; cancelled: boolean }[] = [];
  const bridge = createLocalBridge({
    fetch: (path, init) => {
      requests.push({ path, init });
      return answer();
    },
    openStream: () => {
      const stream = { onopen: null, onmessage: null, onerror: null, closed: false, close() { this.closed = true; } };
      streams.push(stream);
      return stream;
    },
    later: (milliseconds, run) => {
      const timer = { milliseconds, run, cancelled: false };
      timers.push(timer);
      return () => { timer.cancelled = true; };
    },
  });
  return { bridge, requests, streams, timers };
}
const event = { name: 'session.changed', data: { account: null } };

describe('calls of the local bridge', () => {
  it('ok: one POST with JSON, its result handed on', async () => {
    const { bridge, requests } = aPage();
    expect(await bridge.call('session.logIn', { loginName: 'demo', password: 'p' })).toEqual({ ok: true, value: 1 });
    expect(requests).toHaveLength(1);
    expect(requests[0]?.path).toBe('/api/call/session.logIn');
    expect(requests[0]?.init).toMatchObject({ method: 'POST', body: '{"loginName":"demo","password":"p"}', credentials: 'same-origin', headers: { 'content-type': 'application/json' } });
    await bridge.call('app.info', undefined);
    expect(requests[1]?.init.body).toBe('null');
  });

  it('ok: a refusal at the door is a result', async () => {
    const refused = { ok: false, error: { code: 'SHELL_TOKEN_INVALID', details: {} } };
    expect(await aPage(async () => Response.json(refused, { status: 403 })).bridge.call('app.info', undefined)).toEqual(refused);
  });

  it.each([
    ['nothing that answers', 'connection', () => Promise.reject(new TypeError('fetch failed'))],
    ['a page of somebody else', 'answer', async () => new Response('<html>')],
    ['JSON of somebody else', 'answer', async () => Response.json({ hello: 1 })],
    ['an error code of somebody else', 'answer', async () => Response.json({ ok: false, error: { code: 'NO_SUCH_CODE' } })],
  ])('refuses: %s, and sends the call once', async (_name, reason, answer) => {
    const { bridge, requests } = aPage(answer as () => Promise<Response>);
    expect(await bridge.call('app.info', undefined)).toEqual({ ok: false, error: { code: 'SHELL_UNREACHABLE', details: { reason } } });
    expect(requests).toHaveLength(1);
  });
});

describe('events of the local bridge', () => {
  it('ok: one stream for all listeners, closed with the last', () => {
    const { bridge, streams } = aPage();
    const heard: unknown[] = [];
    const stops = [bridge.onEvent((one) => heard.push(one)), bridge.onEvent((one) => heard.push(one))];
    streams[0]?.onmessage?.({ data: JSON.stringify(event) } as MessageEvent);
    expect(heard).toEqual([event, event]);
    expect(streams).toHaveLength(1);
    stops.forEach((stop) => stop());
    expect(streams[0]?.closed).toBe(true);
  });

  it('ok: after a loss it reconnects with growing pauses and says both', () => {
    const { bridge, streams, timers } = aPage();
    const states: string[] = [];
    bridge.onConnection((state) => states.push(state));
    for (let loss = 0; loss < 7; loss += 1) {
      streams.at(-1)?.onerror?.({} as Event);
      timers.at(-1)?.run();
    }
    expect(timers.map(({ milliseconds }) => milliseconds)).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    expect(states).toEqual(['lost']);
    streams.at(-1)?.onopen?.({} as Event);
    expect(states).toEqual(['lost', 'connected']);
    streams.at(-1)?.onerror?.({} as Event);
    expect(timers.at(-1)?.milliseconds).toBe(500);
  });

  it('ok: nobody listening any more ends the attempts', () => {
    const { bridge, streams, timers } = aPage();
    const stop = bridge.onEvent(() => undefined);
    streams[0]?.onerror?.({} as Event);
    stop();
    expect(timers[0]?.cancelled).toBe(true);
  });
});
