/** Signs documents of a project: CMS SignedData, detached, one file for each, by the signing key of one login. GB/T 35275 for SM2, RFC 5652 for RSA. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBase64, toBase64 } from '#shared/bytes/base64.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { signCms } from '#shared/cms/sign-cms.ts';
import { verifyCms } from '#shared/cms/verify-cms.ts';
import type { CmsDigestId } from '#shared/cms/signature-identifiers.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { SealSigner } from '#shared/seal/one-signature.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import type { SealingMeans, WorkOptions } from '../../sealing/sealing-means.ts';
import { newId, type RecordStore } from '../record-store.ts';
import { writeWhole } from '../whole-file.ts';
import { readPieces } from './copy-document.ts';
import type { DocumentRecord, ProjectRecord } from './project-record.ts';
import { documentsFolder, findDocument, requireOpen, signaturesFolder } from './projects.ts';

interface Digests {
  readonly sha256: Uint8Array;
  readonly sm3: Uint8Array | null;
}

/** Both digests in one reading: the one that is signed, and the one that says that this is the document that was added. */
async function digestDocument(path: string, sm: boolean, means: SealingMeans, onPiece: (length: number) => void, signal?: AbortSignal): Promise<Digests> {
  const sha256 = createHash('sha256');
  const sm3 = sm ? means.engine.createSm3() : null;
  await readPieces(path, async (piece) => {
    sha256.update(piece);
    await sm3?.update(piece);
    onPiece(piece.length);
  }, signal);
  return { sha256: new Uint8Array(sha256.digest()), sm3: sm3 ? await sm3.digest() : null };
}

const givenDigests = ({ sha256, sm3 }: Digests): Partial<Record<CmsDigestId, Uint8Array>> => ({ 'sha-256': sha256, ...(sm3 ? { sm3 } : {}) });

const isSm2 = (certificateDer: Uint8Array): boolean => parsePublicKeyInfo(parseCertificate(certificateDer).publicKeySpkiDer).kind === 'sm2';

/** Signs one after the other; what was signed before an error or a cancellation stays signed. @throws BID_DOCUMENT_CHANGED, and what the key says */
export async function signDocuments(store: RecordStore<ProjectRecord>, projectId: string, documentIds: readonly string[], signer: SealSigner, means: SealingMeans, options: WorkOptions): Promise<void> {
  const record = requireOpen(await store.get(projectId));
  const documents = documentIds.map((id) => findDocument(record, id));
  const total = documents.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  await mkdir(signaturesFolder(store, projectId), { recursive: true, mode: 0o700 });
  let done = 0;
  for (const document of documents) {
    const digests = await digestDocument(join(documentsFolder(store, projectId), document.file), isSm2(signer.certificateDer), means, (length) => options.onProgress?.((done += length), total), options.signal);
    if (toHex(digests.sha256) !== document.sha256Hex) refuse('BID_DOCUMENT_CHANGED', { name: document.name });
    await keepSignature(store, projectId, document, await signDigests(digests, signer, means), signer, means);
  }
  options.onProgress?.(total, total);
}

async function signDigests(digests: Digests, { certificateDer, sign }: SealSigner, means: SealingMeans): Promise<Uint8Array> {
  const sm = isSm2(certificateDer);
  const algorithm = sm ? ('sm2-sm3' as const) : ('rsa-sha256' as const);
  const signer = { certificateDer, algorithm, sign, signingTime: means.clock() };
  return signCms({ family: sm ? 'gm' : 'rfc5652', content: { kind: 'digests', digests: givenDigests(digests) }, signedAttributes: true, signers: [signer], chain: [] }, means.crypto);
}

async function keepSignature(store: RecordStore<ProjectRecord>, projectId: string, signed: DocumentRecord, der: Uint8Array, { certificateDer }: SealSigner, means: SealingMeans): Promise<void> {
  const file = `${newId()}.p7s`;
  await writeWhole(join(signaturesFolder(store, projectId), file), der, false);
  let old: string | null = file;
  await store.change(projectId, (record) => {
    const latest = record.documents.find(({ id }) => id === signed.id);
    // Replaced or taken out meanwhile: the signature is of something else.
    if (!latest || latest.sha256Hex !== signed.sha256Hex) return record;
    old = latest.signature?.file ?? null;
    const signature = { file, signerDer: toBase64(certificateDer), signedAtUtc: means.clock().toISOString(), sha256Hex: latest.sha256Hex };
    return { ...record, documents: record.documents.map((one) => (one.id === signed.id ? { ...one, signature } : one)) };
  });
  if (old !== null) await rm(join(signaturesFolder(store, projectId), old), { force: true });
}

export type SignatureVerdict = 'valid' | 'invalid' | 'document-changed' | 'signature-missing';

/** Whether the signature beside a document is one of this document by the certificate that is named. Whether that is trusted is another question. */
export async function verifyDocument(store: RecordStore<ProjectRecord>, projectId: string, document: DocumentRecord, means: SealingMeans): Promise<SignatureVerdict> {
  const { signature } = document;
  if (!signature) return 'signature-missing';
  const signerDer = fromBase64(signature.signerDer);
  const digests = await digestDocument(join(documentsFolder(store, projectId), document.file), isSm2(signerDer), means, () => undefined);
  if (toHex(digests.sha256) !== document.sha256Hex) return 'document-changed';
  const der = await readFile(join(signaturesFolder(store, projectId), signature.file)).catch(() => null);
  if (der === null) return 'signature-missing';
  try {
    const [verdict] = (await verifyCms({ der: new Uint8Array(der), detached: { digests: givenDigests(digests) } }, means.crypto)).signers;
    return verdict?.valid && equalBytes(verdict.certificateDer, signerDer) ? 'valid' : 'invalid';
  } catch (thrown) {
    if (thrown instanceof AppError) return 'invalid';
    throw thrown;
  }
}
