/** When a certificate may be renewed, by the rule of its project. */
import type { RenewalRule } from '#shared/contract/rest/orders.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { DAY_MS, utcText } from '../clock.ts';

/** @throws REQUEST_NOT_IN_WINDOW */
export function checkRenewalWindow(rule: RenewalRule, notAfterMs: number, nowMs: number): void {
  if (rule.kind === 'any-time') return;
  const fromMs = notAfterMs - rule.daysBefore * DAY_MS;
  if (nowMs < fromMs) throw new AppError('REQUEST_NOT_IN_WINDOW', { fromUtc: utcText(fromMs), untilUtc: rule.afterExpiry ? null : utcText(notAfterMs) });
  if (nowMs >= notAfterMs && !rule.afterExpiry) throw new AppError('REQUEST_NOT_IN_WINDOW', { fromUtc: utcText(fromMs), untilUtc: utcText(notAfterMs) });
}
