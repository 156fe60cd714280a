/** Whether an authority is valid today. Its days left are nobody's work here, so only the end of its time is told. */
import type { CertificateFacts } from '#shared/contract/desktop/bids.ts';
import { validityAt } from '../../../lib/days-left.ts';

export function isInTime({ notBeforeUtc, notAfterUtc }: CertificateFacts): boolean {
  return !['expired', 'not-yet'].includes(validityAt(notBeforeUtc, notAfterUtc, Date.now()).level);
}
