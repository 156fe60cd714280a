/** A tender package as the bid tool takes it: verified, its terms as parts and forms, its openers as certificates. */
import type { BidPart, ChosenOpener, TenderFacts } from '#shared/contract/desktop/bids.ts';
import { toBase64 } from '#shared/bytes/base64.ts';
import type { TenderPart } from '#shared/seal/tender-description.ts';
import { readTender } from '../../sealing/tender-package.ts';
import type { TrustQuestion } from '../../sealing/trust.ts';
import { verifyBid } from '../../sealing/verify-bid.ts';
import type { SealingMeans } from '../../sealing/sealing-means.ts';
import { certificateFacts } from '../certificate-facts.ts';

export interface TakenTender {
  readonly facts: TenderFacts;
  readonly openers: readonly ChosenOpener[];
  /** Root of the chunk tree: stands for everything inside. */
  readonly rootHex: string;
}

/** @throws SEAL_…; a package whose signature is not valid is no package */
export type ReadTender = (path: string) => Promise<TakenTender>;

export function createReadTender(means: SealingMeans, trust: () => Promise<TrustQuestion | null>): ReadTender {
  return async (path) => {
    // Every octet, not only what is read here: the documents go along with the project.
    const { signers } = await verifyBid(path, means, { trust: await trust() });
    const judged = signers[0]?.trust;
    const revoked = judged?.status === 'trusted' && judged.revocation.state === 'revoked';
    const { description, groups, manifest, signatures, file } = await readTender(path, means);
    const openers = groups.flatMap(({ name, certificates }) => certificates.map((der): ChosenOpener => ({ group: name, certificateDer: toBase64(der), source: 'tender' })));
    const facts: TenderFacts = {
      tenderId: description.tenderId, title: description.title, tenderer: description.tenderer, lots: description.lots.map(({ id, title }) => ({ id, title })), opensAtUtc: description.opensAtUtc,
      suite: file.suite, sealIdHex: file.sealIdHex, madeAtUtc: file.sealedAtUtc, signer: certificateFacts(signatures.outer.certificateDer), signatureValid: true, signerTrust: revoked ? 'untrusted' : (judged?.status ?? 'not-checked'), parts: description.parts.map(takePart),
      documents: manifest.manifest.documents.map(({ name, mediaType, size }) => ({ name, mediaType, sizeBytes: size })),
      groups: groups.map(({ name, certificates }) => ({ name, openers: certificates.map(certificateFacts) })),
    };
    return { facts, openers, rootHex: file.rootHex };
  };
}

function takePart(part: TenderPart): BidPart {
  return {
    id: part.id, title: part.title, kind: part.form === null ? 'documents' : 'form', required: part.required, mediaTypes: part.mediaTypes, maxBytes: part.maxBytes, maxDocuments: part.maxFiles, mustBeSigned: part.mustBeSigned ?? false,
    fields: (part.form ?? []).map(({ id, label, kind, required, maxLength, min, max, choices }) => ({ id, title: label, kind, required, maxLength, minimum: min, maximum: max, choices })),
  };
}

