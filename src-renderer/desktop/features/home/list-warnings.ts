/** Which warnings home shows, as data. Pure. A driver that is merely not installed is no warning while another one works: nobody installs all of them. */
import type { CaStatus } from '#shared/contract/desktop/desktop-contract.ts';
import type { TokenList, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { soonestEnd } from '../../../lib/key-certificates.ts';
import { pinSeriousness } from '../../../lib/pin-tries.ts';

export interface HomeWarning {
  readonly key: string;
  readonly name: 'caNotConfigured' | 'caUnreachable' | 'pinLocked' | 'pinLast' | 'pinMustChange' | 'expired' | 'expiresSoon' | 'driverFailed' | 'noDriver';
  readonly severe: boolean;
  /** Serial of the key or id of the driver; empty where neither matters. */
  readonly subject: string;
  readonly daysLeft: number;
  readonly to: '/keys' | '/settings';
}

export function homeWarnings(tokens: TokenList | null, ca: CaStatus | null, nowMs: number): HomeWarning[] {
  return [...caWarnings(ca), ...(tokens ? [...tokens.tokens.flatMap((token) => keyWarnings(token, nowMs)), ...driverWarnings(tokens)] : [])];
}

function caWarnings(ca: CaStatus | null): HomeWarning[] {
  if (ca === null || ca.reachable) return [];
  const name = ca.errorCode === 'CA_NOT_CONFIGURED' ? 'caNotConfigured' : 'caUnreachable';
  return [{ key: name, name, severe: false, subject: '', daysLeft: 0, to: '/settings' }];
}

function keyWarnings(token: TokenSummary, nowMs: number): HomeWarning[] {
  const warnings: HomeWarning[] = [];
  const add = (name: HomeWarning['name'], severe: boolean, daysLeft = 0) => warnings.push({ key: `${name} ${token.ref.driverId} ${token.ref.serial}`, name, severe, subject: token.ref.serial, daysLeft, to: '/keys' });
  const seriousness = pinSeriousness(token.pin);
  if (seriousness === 'locked') add('pinLocked', true);
  if (seriousness === 'last') add('pinLast', true);
  if (token.pin.mustChange) add('pinMustChange', false);
  const end = soonestEnd(token, nowMs);
  if (end?.level === 'expired') add('expired', true);
  else if (end && end.level !== 'none' && end.level !== 'not-yet') add('expiresSoon', end.level === 'urgent', end.daysLeft);
  return warnings;
}

function driverWarnings({ drivers }: TokenList): HomeWarning[] {
  const failed = drivers.filter((driver) => driver.status === 'failed');
  if (failed.length > 0) return failed.map((driver) => ({ key: `driver ${driver.driverId}`, name: 'driverFailed', severe: false, subject: driver.driverId, daysLeft: 0, to: '/keys' }));
  const none = drivers.every((driver) => driver.status === 'missing');
  return none ? [{ key: 'no driver', name: 'noDriver', severe: false, subject: '', daysLeft: 0, to: '/keys' }] : [];
}
