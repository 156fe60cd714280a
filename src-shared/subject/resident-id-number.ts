/** Resident identity number 公民身份号码, GB 11643-1999: 17 digits and a check character (ISO 7064 MOD 11-2). Pure. */

export type ResidentIdNumberProblem = 'form' | 'birth-date' | 'check-digit';
export type ResidentIdNumberAnswer = { readonly valid: true } | { readonly valid: false; readonly reason: ResidentIdNumberProblem };

export function checkResidentIdNumber(number: string): ResidentIdNumberAnswer {
  if (!/^[1-9]\d{16}[0-9X]$/.test(number)) return { valid: false, reason: 'form' };
  if (!isDate(number.slice(6, 14))) return { valid: false, reason: 'birth-date' };
  return number[17] === residentIdCheckDigit(number.slice(0, 17)) ? { valid: true } : { valid: false, reason: 'check-digit' };
}

/** §4.2: Wi = 2^(18−i) mod 11 for the place i, and the character that makes the sum 1 modulo 11. @param body the first 17 digits */
export function residentIdCheckDigit(body: string): string {
  let sum = 0;
  for (const [index, digit] of [...body].entries()) sum += Number(digit) * (2 ** (17 - index) % 11);
  return '10X98765432'.charAt(sum % 11);
}

/** YYYYMMDD (GB/T 7408), a day that exists. */
function isDate(digits: string): boolean {
  const text = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6, 8)}`;
  const date = new Date(`${text}T00:00:00Z`);
  return Number(digits.slice(0, 4)) >= 1800 && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
