/** What a request occupies while it is under way: a key has one renewal, change or reissue at a time, one unlock, one recovery; a certificate one revocation, suspension or release. */
import type { RequestKind } from '#shared/contract/rest/orders.ts';
import type { RequestRow } from './request-port.ts';

type SlotFacts = Pick<RequestRow, 'kind' | 'projectId' | 'tokenSerial' | 'certificateSerialHex'>;

const onCertificates = ({ projectId, tokenSerial }: SlotFacts) => `certificates:${projectId}:${tokenSerial ?? ''}`;
const ofCertificate = ({ kind, certificateSerialHex }: SlotFacts) => `${kind}:${certificateSerialHex ?? ''}`;

const SLOTS: Readonly<Record<RequestKind, ((row: SlotFacts) => string) | null>> = {
  // Several keys may be bought at once; which key is written is known only then.
  'new-issue': null,
  renewal: onCertificates,
  change: onCertificates,
  reissue: onCertificates,
  unlock: ({ tokenSerial }) => `unlock:${tokenSerial ?? ''}`,
  'key-recovery': ({ tokenSerial, certificateSerialHex }) => `key-recovery:${tokenSerial ?? ''}:${certificateSerialHex ?? ''}`,
  revocation: ofCertificate,
  suspension: ofCertificate,
  release: ofCertificate,
};

export function slotOf(row: SlotFacts): string | null {
  return SLOTS[row.kind]?.(row) ?? null;
}
