/** What a password must be. Length and unpredictability, no recipes of character classes (NIST SP 800-63B §5.1.1.2). */
import { AppError } from '#shared/errors/app-error.ts';

const MIN_PASSWORD_CHARACTERS = 8;
const MIN_DIFFERENT_CHARACTERS = 4;

/** The passwords that attackers try first, here and in China. Lower case. */
const COMMON_PASSWORDS: ReadonlySet<string> = new Set([
  '12345678', '123456789', '1234567890', '0123456789', '87654321', '987654321', '11223344', '12344321', '123123123', '123321123', '147258369', '789456123', '1qaz2wsx', '1qaz@wsx', 'qazwsxedc',
  'password', 'password1', 'password123', 'passw0rd', 'p@ssw0rd', 'p@ssword', 'qwertyui', 'qwertyuiop', 'qwerty123', 'asdfghjk', 'asdfghjkl', 'zxcvbnm123', 'abcd1234', 'abc12345', 'abc123456', 'a1234567',
  'a12345678', 'a123456789', 'aa123456', 'aa12345678', 'q1w2e3r4', 'iloveyou', '5201314520', '1314520520', 'woaini1314', 'woaini520', 'admin123', 'admin888', 'administrator', 'letmein123', 'welcome1', 'changeme',
]);

/** @throws ACCOUNT_PASSWORD_WEAK with the name of the broken rule */
export function checkPassword(password: string, loginName: string): void {
  const folded = password.toLowerCase();
  if ([...password].length < MIN_PASSWORD_CHARACTERS) throw new AppError('ACCOUNT_PASSWORD_WEAK', { rule: 'too-short', minCharacters: MIN_PASSWORD_CHARACTERS });
  if (new Set(folded).size < MIN_DIFFERENT_CHARACTERS) throw new AppError('ACCOUNT_PASSWORD_WEAK', { rule: 'too-few-different-characters', minDifferent: MIN_DIFFERENT_CHARACTERS });
  if (COMMON_PASSWORDS.has(folded)) throw new AppError('ACCOUNT_PASSWORD_WEAK', { rule: 'common' });
  if (folded.includes(loginName.toLowerCase())) throw new AppError('ACCOUNT_PASSWORD_WEAK', { rule: 'contains-login-name' });
}
