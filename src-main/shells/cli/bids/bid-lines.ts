/** Facts about bids for people, as lines, and for programs, as JSON. */
import { toHex } from '#shared/bytes/hex.ts';
import type { InspectedFile } from '#shared/seal/inspect-file.ts';
import type { ManifestDocument } from '#shared/seal/manifest.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { nameText } from '#shared/x509/name.ts';
import type { OpenerFinding } from '../../../sealing/check-openers.ts';
import type { SealingMeans, WorkOptions } from '../../../sealing/sealing-means.ts';
import type { TrustVerdict } from '../../../sealing/trust.ts';
import type { VerifiedBid, VerifiedSigner } from '../../../sealing/verify-bid.ts';
import type { Say } from '../texts.ts';
import type { BidContext } from './bid-context.ts';

export const certificateFacts = (certificateDer: Uint8Array, means: SealingMeans) => {
  const { subject, issuer, serialHex, notAfter } = parseCertificate(certificateDer);
  return { subject: nameText(subject), issuer: nameText(issuer), serialHex, notAfterUtc: notAfter.date.toISOString(), sha256Hex: toHex(means.crypto.digest('sha-256', certificateDer)) };
};

export const documentFacts = (documents: readonly ManifestDocument[]) => documents.map(({ name, mediaType, size, digest }) => ({ name, mediaType, size, digestHex: toHex(digest) }));

export function inspectionLines(say: Say, file: InspectedFile): string[] {
  return [
    `${say('bidKind')}: ${say(`bidKind-${file.kind}`)} · ${file.suite}`,
    `${say('bidSealId')}: ${file.sealIdHex}`,
    ...(file.bidId === '' ? [] : [`${say('bidId')}: ${file.bidId}`]),
    `${say('bidTender')}: ${file.tenderId}${file.lot === '' ? '' : ` · ${file.lot}`}`,
    `${say('bidSealedAt')}: ${file.sealedAtUtc}`,
    ...(file.opensAtUtc === null ? [] : [`${say('bidOpensAt')}: ${file.opensAtUtc}`]),
    `${say('bidContent')}: ${file.payloadLength} B · ${file.chunkCount} × ${file.chunkBytes} B`,
    `${say('bidRoot')}: ${file.rootHex}`,
    ...file.groups.flatMap(({ name, openers }) => [`${say('bidGroup')} ${name}:`, ...openers.map((one) => `  ${one.label} · ${one.issuer} · ${one.serialHex} · ${say('validUntil')} ${one.notAfterUtc} · ${say(`revocation-${one.revocation}`)}`)]),
    ...file.rewraps.map(({ atUtc, byFingerprintHex }) => `${say('bidRewrapped')}: ${atUtc} · ${byFingerprintHex.slice(0, 16)}`),
  ];
}

export function verificationFacts(verified: VerifiedBid, means: SealingMeans) {
  return { file: verified.file, signers: verified.signers.map((signer) => signerFacts(signer, means)) };
}

function signerFacts({ certificateDer, signedAt, trust, timeStamp }: VerifiedSigner, means: SealingMeans) {
  return {
    ...certificateFacts(certificateDer, means), signedAtUtc: signedAt.toISOString(), trust: trustFacts(trust),
    timeStamp: timeStamp && { atUtc: timeStamp.at.toISOString(), policyOid: timeStamp.policyOid, authority: certificateFacts(timeStamp.authorityCertificateDer, means).subject, trust: trustFacts(timeStamp.trust) },
  };
}

export function trustFacts(trust: TrustVerdict) {
  if (trust.status !== 'trusted') return trust;
  const { state, at } = trust.revocation;
  return { status: trust.status, chain: trust.chain, revocation: state, revocationAtUtc: at?.toISOString() ?? null };
}

export function signerLines(say: Say, verified: VerifiedBid, means: SealingMeans): string[] {
  return verified.signers.flatMap((signer, generation) => [
    `${say(generation === 0 ? 'bidSigner' : 'bidRewrapSigner')}: ${certificateFacts(signer.certificateDer, means).subject}`,
    `  ${say('bidTrust')}: ${trustText(say, signer.trust)}`,
    ...(signer.timeStamp ? [`  ${say('bidTimeStamp')}: ${signer.timeStamp.at.toISOString()} · ${trustText(say, signer.timeStamp.trust)}`] : []),
  ]);
}

function trustText(say: Say, trust: TrustVerdict): string {
  const more = trust.status === 'untrusted' ? ` (${trust.reason})` : trust.status === 'trusted' ? ` · ${say(`revocation-${trust.revocation.state}`)}` : '';
  return `${say(`trust-${trust.status}`)}${more}`;
}

export const openerFacts = (one: OpenerFinding) => ({
  group: one.group, label: one.label, issuer: one.issuer, serialHex: one.serialHex, sha256Hex: one.sha256Hex, notAfterUtc: one.notAfter.toISOString(),
  revocation: one.revocation, revocationAtUtc: one.revocationAt?.toISOString() ?? null, refusal: one.refusal, warnings: one.warnings,
});

export const openerLines = (say: Say, one: OpenerFinding): string[] => [
  `${one.group}: ${one.label} · ${one.serialHex} · ${say('validUntil')} ${one.notAfter.toISOString()} · ${say(`revocation-${one.revocation}`)}`,
  ...one.warnings.map((warning) => `  ! ${say(`warning-${warning}`)}`),
];

/** Progress for people, in steps of a twentieth; and the end on interruption. */
export function workOptions({ terminal, signal }: BidContext): WorkOptions {
  const begun = performance.now();
  let shown = 0;
  return {
    signal,
    onProgress: (doneBytes, totalBytes) => {
      const twentieth = totalBytes > 0 ? Math.floor((20 * doneBytes) / totalBytes) : 20;
      if (!terminal.interactive || twentieth <= shown || twentieth > 20) return;
      shown = twentieth;
      const rate = doneBytes / Math.max(1, performance.now() - begun) / 1000;
      terminal.note(`${twentieth * 5}% · ${rate.toFixed(0)} MB/s`);
    },
  };
}
