/** Why a certificate cannot open, as the engine's checks say it, in a text key. What is not named here is about its chain. */
const REFUSALS: Readonly<Record<string, 'already' | 'usage' | 'expires' | 'revoked' | 'notYet' | 'key' | 'shut'>> = {
  'already an opener': 'already', 'not for encryption': 'usage', 'expires before the opening': 'expires', revoked: 'revoked', CERT_REVOKED: 'revoked', 'not yet valid': 'notYet', 'kind or length of its key': 'key', 'rsa over skf': 'shut',
};

export const refusalKey = (reason: string) => REFUSALS[reason] ?? ('chain' as const);
