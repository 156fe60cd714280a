/** Limits: who counts as one caller, and that a flood of callers does not fill the memory. */
import { describe, expect, it } from 'vitest';
import { callerNetwork } from './caller-network.ts';
import { MOST_WINDOWS, RATE_POLICIES, RateLimiter } from './rate-limiter.ts';

describe('caller', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002:ffff::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
  ])('ok: %s counts as %s', (address, network) => {
    expect(callerNetwork(address)).toBe(network);
  });
});

describe('limiter', () => {
  const policies = { ...RATE_POLICIES, 'log-in': { quota: 1, windowMs: 60_000 } };

  it('refuses: the second call of a quota of one, by its own caller only, until the window ends', () => {
    let nowMs = 0;
    const limiter = new RateLimiter(() => new Date(nowMs), policies);
    expect([limiter.take('log-in', 'a').allowed, limiter.take('log-in', 'a').allowed, limiter.take('log-in', 'b').allowed]).toEqual([true, false, true]);
    nowMs = 60_000;
    expect(limiter.take('log-in', 'a').allowed).toBe(true);
  });

  it('ok: more callers at once than are remembered: the oldest gives way, the newest stays limited', () => {
    const limiter = new RateLimiter(() => new Date(0), policies);
    limiter.take('log-in', 'first');
    for (let caller = 0; caller < MOST_WINDOWS; caller += 1) limiter.take('log-in', `caller ${caller}`);
    expect(limiter.take('log-in', `caller ${MOST_WINDOWS - 1}`).allowed).toBe(false);
    expect(limiter.take('log-in', 'first').allowed).toBe(true);
  });

  it('ok: windows that have ended give way before those that have not', () => {
    let nowMs = 0;
    const limiter = new RateLimiter(() => new Date(nowMs), policies);
    for (let caller = 0; caller < MOST_WINDOWS / 2; caller += 1) limiter.take('log-in', `early ${caller}`);
    nowMs = 30_000;
    limiter.take('log-in', 'late');
    nowMs = 61_000;
    for (let caller = 0; caller < MOST_WINDOWS / 2 + 10; caller += 1) limiter.take('log-in', `new ${caller}`);
    expect(limiter.take('log-in', 'late').allowed).toBe(false);
  });
});
