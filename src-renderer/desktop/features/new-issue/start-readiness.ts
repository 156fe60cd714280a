/** What is still missing before a writing may begin, in the order of the form. Pure. The engine checks everything again. */
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { pinSeriousness } from '../../../lib/pin-tries.ts';

export type MissingForStart = 'quantity' | 'model' | 'key' | 'keyChoice' | 'keyLocked' | 'keyNotInitialised' | 'pinMustChange' | 'consent' | 'code';

interface StartState {
  readonly remaining: number;
  readonly modelId: string | null;
  readonly token: TokenSummary | null;
  /** Plugged keys of the model that may be written. */
  readonly candidates: number;
  /** Fingerprints of certificates on the key that the person agreed to keep beside the new ones. */
  readonly agreed: ReadonlySet<string>;
  readonly code: string;
}

export function missingForStart({ remaining, modelId, token, candidates, agreed, code }: StartState): MissingForStart[] {
  const missing: MissingForStart[] = [];
  if (remaining <= 0) missing.push('quantity');
  if (modelId === null) missing.push('model');
  else if (token === null) missing.push(candidates > 0 ? 'keyChoice' : 'key');
  else missing.push(...missingOnKey(token, agreed));
  if (!/^\d{6}$/.test(code)) missing.push('code');
  return missing;
}

function missingOnKey(token: TokenSummary, agreed: ReadonlySet<string>): MissingForStart[] {
  const seriousness = pinSeriousness(token.pin);
  if (seriousness === 'locked') return ['keyLocked'];
  if (seriousness === 'unusable') return ['keyNotInitialised'];
  if (token.pin.mustChange) return ['pinMustChange'];
  return token.certificates.every((certificate) => agreed.has(certificate.sha256Hex)) ? [] : ['consent'];
}
