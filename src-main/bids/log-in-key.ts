/** One login on a key for one deed: PIN gate, keys as sealing wants them, logged out whatever happens. */
import type { TokenRef, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { readTokenKeys, type TokenKeys } from '../sealing/token-keys.ts';
import type { TokenPort } from '../token/token-port.ts';
import { passPinGate, pinBytes } from '../writing/pin-gate.ts';

export interface KeyInput {
  readonly token: TokenRef;
  readonly pin: string;
  readonly confirmedFewTries?: boolean | undefined;
}

/** Keys, and certificates that stood on them before: after a renewal with the same keys a bid names one that is not on the key any more. */
export interface RememberingTokens extends TokenPort {
  readonly seenCertificates?: () => readonly Uint8Array[];
}

export interface LoggedInKey {
  readonly token: TokenSummary;
  readonly keys: TokenKeys;
}

/** @throws TOKEN_NOT_PRESENT, PIN_…, and what the deed throws */
export async function withKey<T>(tokens: RememberingTokens, { token: ref, pin, confirmedFewTries }: KeyInput, deed: (key: LoggedInKey) => Promise<T>): Promise<T> {
  const opened = await openKey(tokens, { token: ref, pin, confirmedFewTries });
  try {
    return await deed(opened);
  } finally {
    await opened.close();
  }
}

/** Whose key it is: the name in its newest signing certificate, else in any. */
export function keyHolderOf({ certificates, label }: TokenSummary): string {
  const newest = [...certificates].sort((a, b) => b.notBeforeUtc.localeCompare(a.notBeforeUtc));
  return (newest.find(({ purpose }) => purpose === 'sign') ?? newest[0])?.subjectCommonName ?? label;
}

export interface OpenKey extends LoggedInKey {
  close(): Promise<void>;
}

/** For deeds that go on after their call has answered; whoever opens it closes it. */
export async function openKey(tokens: RememberingTokens, { token: ref, pin, confirmedFewTries }: KeyInput): Promise<OpenKey> {
  const token = await tokens.get(ref);
  passPinGate(token.pin, confirmedFewTries ?? false);
  const session = await tokens.logIn(token.ref, pinBytes(pin));
  try {
    return { token, keys: await readTokenKeys(session, tokens.seenCertificates?.()), close: () => session.close() };
  } catch (thrown) {
    await session.close();
    throw thrown;
  }
}
