/**
 * Strikes out whatever may be a secret, as a second net: code never passes secrets to the log in the first place. A report that loses a
 * harmless number is better than one that keeps a code.
 */
const RULES: readonly (readonly [RegExp, string])[] = [
  // key=value, "key":"value" and headers whose name says secret
  [/((?:pin|password|passwd|secret|authorizationCode|authorization|cookie|accessToken|refreshToken|token_?value)["']?\s*[=:]\s*)(?:Bearer\s+)?("(?:[^"\\]|\\.)*"|[^\s,;}]+)/gi, '$1[redacted]'],
  [/Bearer\s+[A-Za-z0-9._~+/=-]+/gi, 'Bearer [redacted]'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[redacted key]'],
  [/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, '[redacted token]'],
  // exactly six digits: an authorization code, an SMS code, a PIN
  [/(?<![\dA-Za-z.:-])\d{6}(?![\dA-Za-z.:-])/g, '[six digits]'],
  // resident identity numbers
  [/(?<!\d)\d{17}[\dXx](?!\d)/g, '[identity number]'],
  // mobile numbers
  [/(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)/g, '[phone]'],
];

export function redact(text: string): string {
  return RULES.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
}
