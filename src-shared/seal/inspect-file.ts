/** Everything that is public in a sealed bid, without any key, as plain data for screens and JSON. Spec §3, §8. Pure. Nothing here is verified. */
import { toHex } from '../bytes/hex.ts';
import { serialHexOf } from '../x509/certificate.ts';
import { nameText, parseName } from '../x509/name.ts';
import type { ChunkPlan } from './file-layout.ts';
import type { Opener } from './opener.ts';
import type { SealHeader } from './seal-header.ts';
import type { SealTrailer } from './seal-trailer.ts';

export interface InspectedOpener {
  readonly issuer: string;
  readonly serialHex: string;
  readonly fingerprintHex: string;
  readonly label: string;
  readonly notAfterUtc: string;
  readonly revocation: Opener['revocation'];
  readonly revocationAtUtc: string | null;
}

export interface InspectedFile {
  readonly kind: 'sealed' | 'backup' | 'tender';
  readonly suite: 'sm' | 'aes';
  readonly sealIdHex: string;
  readonly bidId: string;
  readonly tenderId: string;
  readonly lot: string;
  readonly sealedAtUtc: string;
  readonly opensAtUtc: string | null;
  readonly bidderFingerprintHex: string;
  readonly groups: readonly { readonly name: string; readonly openers: readonly InspectedOpener[] }[];
  readonly rewraps: readonly { readonly atUtc: string; readonly byFingerprintHex: string }[];
  readonly payloadLength: number;
  readonly chunkCount: number;
  readonly chunkBytes: number;
  readonly rootHex: string;
  /** Which generation of the bid this is: a re-wrap changes it, a copy does not. */
  readonly headerDigestHex: string;
  readonly hasTimeStamp: boolean;
}

export function inspectFile({ header, headerDigest, trailer, plan }: { readonly header: SealHeader; readonly headerDigest: Uint8Array; readonly trailer: SealTrailer; readonly plan: ChunkPlan }): InspectedFile {
  const { core } = header;
  const { identity } = core;
  return {
    kind: core.kind === 'sealed' ? 'sealed' : identity.purpose === 'bid' ? 'backup' : 'tender',
    suite: core.suite, sealIdHex: toHex(identity.sealId), bidId: identity.bidId, tenderId: identity.tenderId, lot: identity.lot,
    sealedAtUtc: identity.sealedAt.toISOString(), opensAtUtc: identity.opensAt?.toISOString() ?? null, bidderFingerprintHex: toHex(core.bidder),
    groups: header.groups.map((openers, i) => ({ name: core.groupNames[i] ?? '', openers: openers.map(inspectOpener) })),
    rewraps: header.history.map(({ at, by }) => ({ atUtc: at.toISOString(), byFingerprintHex: toHex(by) })),
    payloadLength: trailer.payloadLength, chunkCount: plan.chunkCount, chunkBytes: plan.chunkBytes, rootHex: toHex(trailer.root), headerDigestHex: toHex(headerDigest), hasTimeStamp: trailer.timeStamp !== null,
  };
}

function inspectOpener(opener: Opener): InspectedOpener {
  return {
    issuer: nameText(parseName(opener.issuerDer)), serialHex: serialHexOf(opener.serialOctets), fingerprintHex: toHex(opener.fingerprint), label: opener.label,
    notAfterUtc: opener.notAfter.toISOString(), revocation: opener.revocation, revocationAtUtc: opener.revocationAt?.toISOString() ?? null,
  };
}
