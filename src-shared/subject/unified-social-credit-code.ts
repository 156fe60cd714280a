/** Unified social credit code 统一社会信用代码, GB 32100-2015: 18 characters, the last a check digit modulo 31 (Appendix A). Pure. */

/** §4: digits and capital letters without I, O, S, V, Z, in the order of their values 0..30. */
const CHARACTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY';

export type UnifiedSocialCreditCodeProblem = 'form' | 'check-digit';
export type UnifiedSocialCreditCodeAnswer = { readonly valid: true } | { readonly valid: false; readonly reason: UnifiedSocialCreditCodeProblem };

export function checkUnifiedSocialCreditCode(code: string): UnifiedSocialCreditCodeAnswer {
  // §4.1: two characters of office and kind, six digits of the administrative division (GB/T 2260), nine of the organisation (GB 11714), the check digit.
  if (!/^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$/.test(code)) return { valid: false, reason: 'form' };
  return code[17] === unifiedSocialCreditCheckDigit(code.slice(0, 17)) ? { valid: true } : { valid: false, reason: 'check-digit' };
}

/** Appendix A: C18 = 31 − MOD(Σ Ci × 3^(i−1), 31), where 31 counts as 0. @param body the first 17 characters */
export function unifiedSocialCreditCheckDigit(body: string): string {
  let sum = 0;
  let weight = 1;
  for (const character of body) {
    sum += CHARACTERS.indexOf(character) * weight;
    weight = (weight * 3) % 31;
  }
  return CHARACTERS.charAt((31 - (sum % 31)) % 31);
}
