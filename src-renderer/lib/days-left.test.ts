import { describe, expect, it } from 'vitest';
import { validityAt } from './days-left.ts';

const START = '2026-01-01T00:00:00Z';
const END = '2027-01-01T00:00:00Z';
const before = (days: number, plusMs = 0) => Date.parse(END) - days * 86_400_000 + plusMs;

describe('days left', () => {
  it.each([
    [91, 'none'], [90, 'low'], [31, 'low'], [30, 'medium'], [16, 'medium'], [15, 'high'], [8, 'high'], [7, 'urgent'], [1, 'urgent'], [0, 'urgent'],
  ])('ok: %i days before the end is %s', (days, level) => {
    expect(validityAt(START, END, before(days))).toEqual({ level, daysLeft: days });
  });

  it('ok: a day that has begun does not count as left', () => {
    expect(validityAt(START, END, before(7, 1)).daysLeft).toBe(6);
  });

  it('ok: the last moment is valid, the next is not', () => {
    expect(validityAt(START, END, Date.parse(END)).level).toBe('urgent');
    expect(validityAt(START, END, Date.parse(END) + 1)).toEqual({ level: 'expired', daysLeft: 0 });
  });

  it('ok: before its beginning a certificate is not valid yet', () => {
    expect(validityAt(START, END, Date.parse(START) - 1).level).toBe('not-yet');
  });
});
