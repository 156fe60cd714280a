/** What still keeps a deed from beginning. Pure. */
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { Request } from '#shared/contract/rest/requests.ts';
import { CODE_DIGITS } from '../../../components/code-field.tsx';
import { pinSeriousness } from '../../../lib/pin-tries.ts';
import { NEEDS_RISK_NOTICE, type CarriedOutKind } from '../../../lib/carried-out-kinds.ts';

export type MissingForStart = 'ledger' | 'key' | 'model' | 'keyLocked' | 'besides' | 'escrow' | 'riskNotice' | 'code' | 'recovery';

interface StartFacts {
  readonly request: Pick<Request, 'riskNoticeAcceptedAtUtc' | 'recoveryApprovals'>;
  readonly kind: CarriedOutKind;
  readonly token: Pick<TokenSummary, 'modelId' | 'pin'> | null;
  readonly ledgerAnswered: boolean;
  readonly besidesAgreed: boolean;
  /** Nothing is taken off the key, or the person knows that it comes back from escrow only. */
  readonly escrowAgreed: boolean;
  readonly code: string;
}

const APPROVALS_NEEDED = 2;

export function missingForStart({ request, kind, token, ledgerAnswered, besidesAgreed, escrowAgreed, code }: StartFacts): MissingForStart[] {
  const missing: MissingForStart[] = [];
  if (!ledgerAnswered) missing.push('ledger');
  if (token === null) missing.push('key');
  else if (token.modelId === null) missing.push('model');
  // A locked key is what an unlock is for; every other deed needs its PIN.
  else if (kind !== 'unlock' && pinSeriousness(token.pin) === 'locked') missing.push('keyLocked');
  if (!besidesAgreed) missing.push('besides');
  if (!escrowAgreed) missing.push('escrow');
  if (NEEDS_RISK_NOTICE.has(kind) && request.riskNoticeAcceptedAtUtc === null) missing.push('riskNotice');
  if (kind === 'key-recovery' && request.recoveryApprovals < APPROVALS_NEEDED) missing.push('recovery');
  if (code.length !== CODE_DIGITS) missing.push('code');
  return missing;
}
