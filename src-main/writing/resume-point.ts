/**
 * Where an interrupted deed goes on. Rule: the journal says what was done, the key and the CA say what is there; where they differ, the deed goes back to the first
 * step whose effect is missing. Steps repeat safely, so going back costs time and nothing else.
 */
import type { DeedStepName } from '#shared/contract/desktop/deed-plans.ts';
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import { toHex } from '#shared/bytes/hex.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { DeedRecord } from '../journal/deed-record.ts';
import type { KeyContainer } from '../token/token-port.ts';
import { planRow } from './plans/plan-table.ts';

interface Seen {
  readonly deed: DeedRecord;
  /** The deed's container. */
  readonly container: KeyContainer | null;
  readonly issuance: Issuance;
  readonly crypto: CryptoPort;
}

/** Step → can its effect be seen? Steps that leave nothing behind (prove) are simply done again when it is their turn. */
const EFFECTS: readonly (readonly [DeedStepName, (seen: Seen) => boolean])[] = [
  ['generate', ({ container }) => container?.sign.hasPrivateKey === true],
  ['request', ({ issuance }) => issuance.pair !== null],
  ['import-keys', ({ container }) => container?.encrypt.hasPrivateKey === true],
  ['import-certificates', ({ deed, container, crypto }) => isCertificate(container?.sign.certificateDer, deed.signCertificateSha256Hex, crypto) && isCertificate(container?.encrypt.certificateDer, deed.encryptionCertificateSha256Hex, crypto)],
];

/** @returns the step to go on with, never later than the journal's. @throws KEY_NOT_FOUND when certificates exist for a key that is gone: such a deed can only be cancelled */
export function findResumePoint(seen: Seen): DeedStepName {
  const { deed, container, issuance } = seen;
  const { steps } = planRow(deed.plan);
  const position = steps.indexOf(deed.step);
  const missing = EFFECTS.find(([step, holds]) => steps.includes(step) && steps.indexOf(step) < position && !holds(seen));
  const point = missing?.[0] ?? deed.step;
  const keyGone = issuance.pair !== null && container?.sign.hasPrivateKey !== true;
  if (keyGone && (point === 'generate' || deed.plan === 'same-keys')) throw new AppError('KEY_NOT_FOUND', { containerId: deed.containerId, purpose: 'sign' });
  return point;
}

function isCertificate(certificateDer: Uint8Array | null | undefined, sha256Hex: string | null, crypto: CryptoPort): boolean {
  return certificateDer != null && toHex(crypto.digest('sha-256', certificateDer)) === sha256Hex;
}
