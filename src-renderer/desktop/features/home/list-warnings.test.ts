import { describe, expect, it } from 'vitest';
import type { DriverState, PinState, TokenCertificate, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { homeWarnings } from './list-warnings.ts';

const NOW = Date.parse('2026-11-20T00:00:00Z');
const driver = (status: DriverState['status']): DriverState => ({ driverId: status, modelId: 'm', libraryPath: null, status, errorCode: null, errorDetails: {}, restarts: 0 });
const until = (notAfterUtc: string) => ({ containerId: 'a', purpose: 'sign', notBeforeUtc: '2025-01-01T00:00:00Z', notAfterUtc }) as TokenCertificate;
const key = (pin: Partial<PinState>, ...certificates: TokenCertificate[]): TokenSummary => ({
  ref: { driverId: 'd', serial: 'S1' }, modelId: 'm', label: '', manufacturer: '', hardwareModel: '', demo: false, pin: { status: 'ok', triesLeft: 6, maxTries: 6, mustChange: false, ...pin }, certificates, freeBytes: null,
});
const names = (tokens: TokenSummary[], drivers: DriverState[]) => homeWarnings({ tokens, drivers }, null, NOW).map((warning) => warning.name);

describe('warnings of home', () => {
  it('ok: none when all is well, drivers of other models missing or not', () => expect(names([key({}, until('2028-01-01T00:00:00Z'))], [driver('ready'), driver('missing')])).toEqual([]));
  it.each([
    [key({ status: 'locked', triesLeft: 0 }), 'pinLocked'], [key({ status: 'final-try', triesLeft: 1 }), 'pinLast'], [key({ mustChange: true }), 'pinMustChange'],
    [key({}, until('2026-11-19T00:00:00Z')), 'expired'], [key({}, until('2027-02-18T00:00:00Z')), 'expiresSoon'],
  ])('ok: %#', (token, name) => expect(names([token], [driver('ready')])).toEqual([name]));
  it('ok: no driver at all, a driver that fails', () => {
    expect(names([], [driver('missing'), driver('missing')])).toEqual(['noDriver']);
    expect(names([], [driver('missing'), driver('failed')])).toEqual(['driverFailed']);
  });
  it('ok: the CA that is away, and the one that is not set', () => {
    const ca = { reachable: false, info: null, clockOffsetSeconds: null };
    expect(homeWarnings(null, { ...ca, errorCode: 'CA_UNREACHABLE' }, NOW).map((warning) => warning.name)).toEqual(['caUnreachable']);
    expect(homeWarnings(null, { ...ca, errorCode: 'CA_NOT_CONFIGURED' }, NOW).map((warning) => warning.name)).toEqual(['caNotConfigured']);
  });
});
