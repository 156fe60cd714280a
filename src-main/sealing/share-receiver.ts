/**
 * To whom a share goes in a remote opening: it is sealed to the hall's encryption certificate, which is another one than that which signed the challenge. Both are judged, and whether
 * they are of one holder. Rule: where anything of that is doubtful, a person types the name of who gets the share. Spec: docs/spec/sealed-bid.md §10.
 */
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { asTyped, isTypedAs } from '#shared/forms/as-typed.ts';
import { parseCertificate, type Certificate } from '#shared/x509/certificate.ts';
import { nameText, nameValue } from '#shared/x509/name.ts';
import type { ReadChallenge } from './remote-opening.ts';
import type { SealingMeans } from './sealing-means.ts';
import { judgeCertificate, type TrustQuestion, type TrustVerdict } from './trust.ts';

export type ReceiverTrust = 'trusted' | 'revoked' | 'untrusted' | 'not-checked';

export interface ShareReceiver {
  readonly signer: ReceiverTrust;
  readonly hall: ReceiverTrust;
  /** Both certificates name one subject. */
  readonly sameHolder: boolean;
  /** What has to be typed: who gets the share. null: nothing. */
  readonly confirmation: string | null;
}

export async function judgeReceiver({ challenge, signature }: Pick<ReadChallenge, 'challenge' | 'signature'>, trust: TrustQuestion | null, { clock, crypto }: Pick<SealingMeans, 'clock' | 'crypto'>): Promise<ShareReceiver> {
  const now = clock();
  const [signer, hall] = [
    trustOf(await judgeCertificate(signature.certificateDer, now, ['digitalSignature'], trust, crypto)),
    trustOf(await judgeCertificate(challenge.hallCertificateDer, now, [], trust, crypto)),
  ];
  const receiver = parseCertificate(challenge.hallCertificateDer);
  const sameHolder = equalBytes(parseCertificate(signature.certificateDer).subject.der, receiver.subject.der);
  const sure = sameHolder && signer === 'trusted' && hall === 'trusted';
  return { signer, hall, sameHolder, confirmation: sure ? null : holderOf(receiver) };
}

/** Never empty: nothing must not be enough to type. */
function holderOf({ subject, serialHex }: Certificate): string {
  const name = nameValue(subject, 'commonName') ?? nameText(subject);
  return asTyped(name) === '' ? serialHex : name;
}

function trustOf(verdict: TrustVerdict): ReceiverTrust {
  if (verdict.status !== 'trusted') return verdict.status === 'untrusted' && verdict.reason === 'CERT_REVOKED' ? 'revoked' : verdict.status;
  return verdict.revocation.state === 'revoked' ? 'revoked' : 'trusted';
}

/** @throws SHARE_RECEIVER_UNCONFIRMED */
export function requireReceiver({ confirmation }: ShareReceiver, typed: string | null): void {
  if (confirmation !== null && !isTypedAs(typed, confirmation)) refuse('SHARE_RECEIVER_UNCONFIRMED', { receiver: confirmation });
}
