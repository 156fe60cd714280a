/** Names of things: 128 random bits in lower-case hexadecimal, so that an id never looks like a command-line option and cannot be guessed. */
import { randomBytes, randomInt } from 'node:crypto';

export function newId(): string {
  return randomBytes(16).toString('hex');
}

/** 订单号: the Beijing date and twelve random digits, so that equal ones do not happen; the store's index would refuse them. */
export function newOrderNumber(now: Date): string {
  const beijing = new Date(now.getTime() + 8 * 3_600_000);
  const date = beijing.toISOString().slice(0, 10).replaceAll('-', '');
  return `BK${date}${String(randomInt(0, 10 ** 12)).padStart(12, '0')}`;
}

/** 申请编号, likewise. */
export function newRequestNumber(now: Date): string {
  return `SQ${newOrderNumber(now).slice(2)}`;
}
