/** Issuance: an authorization code and a key become two certificates. Steps and why in that order: docs/issuance.md. */
import { AuthorizationCode, Base64, Hex, Id, Nullable, TokenSerial, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { endpoint } from './endpoint.ts';
import { CertificateSubject, KeyAlgorithm, pageQuery, RequestKind } from './orders.ts';
import { KeyPolicy } from './requests.ts';

/** started → certified → completed; started or certified → cancelled. */
export const IssuanceState = Type.Union([Type.Literal('started'), Type.Literal('certified'), Type.Literal('completed'), Type.Literal('cancelled')]);
export type IssuanceState = Static<typeof IssuanceState>;

/**
 * The encryption key pair of the key-management centre, enveloped under the token's signing public key.
 * `rsa-oaep+aes-kwp`: an AES-256 key under RSA-OAEP (SHA-1, MGF1-SHA-1: the one form that every PKCS#11 token knows), and the
 * PKCS#8 PrivateKeyInfo under that AES key with AES-KWP (RFC 5649). Both layers are opened inside the token.
 * `gmt0092-csr-response`: both certificates and the private key as SM2EnvelopedKey: 32 octets by SM4-ECB under a key that is under the token's SM2
 * signing key. Opened inside the token, too; its forms: docs/issuance.md, "The answer in SM2".
 * `sm2-enveloped-key`: the SM2EnvelopedKey alone, for an old encryption key that is brought back: its opening key has no certificate.
 * `skf-rsa-key-blob`: what SKF_ImportRSAKeyPair of GM/T 0016 takes; that interface has no call that opens RSA-OAEP or AES-KWP.
 * `skf-enveloped-key-blob`: an ENVELOPEDKEYBLOB of GM/T 0016 ready made, as key-management centres of others hand it out.
 */
export const EnvelopedEncryptionKey = Type.Union([
  strictObject({
    format: Type.Literal('rsa-oaep+aes-kwp'),
    wrappedKeyEncryptionKey: Base64(2048, 'RSA-OAEP ciphertext of the AES-256 key'),
    wrappedPrivateKey: Base64(16384, 'AES-KWP ciphertext of the PKCS#8 private key'),
  }),
  strictObject({
    format: Type.Literal('gmt0092-csr-response'),
    csrResponse: Base64(32768, 'GM/T 0092-2020 CSRResponse in DER with an SM2EnvelopedKey (GM/T 0009)'),
  }),
  strictObject({ format: Type.Literal('sm2-enveloped-key'), envelopedKey: Base64(4096, 'SM2EnvelopedKey in DER (GM/T 0009)') }),
  strictObject({ format: Type.Literal('skf-enveloped-key-blob'), envelopedKeyBlob: Base64(1024, 'ENVELOPEDKEYBLOB (GM/T 0016), ULONG of 4 or 8 bytes') }),
  strictObject({
    format: Type.Literal('skf-rsa-key-blob'),
    wrappedKey: Base64(1024, 'SM4 key under the token’s RSA signing key, RSAES-PKCS1-v1_5'),
    encryptedPrivateKey: Base64(8192, 'RSAPrivateKey (PKCS#1) under that key, SM4-ECB with the padding of PKCS#7'),
  }),
], { $id: 'EnvelopedEncryptionKey' });
export type EnvelopedEncryptionKey = Static<typeof EnvelopedEncryptionKey>;

/** What the tool must do with the new keys to prove that they work (step `complete`). */
export const CompletionChallenge = strictObject(
  {
    signNonce: Base64(64, '32 random bytes; signed by the signing key over `BidKey completion v1` ‖ 0x00 ‖ issuance id ‖ 0x00 ‖ nonce'),
    decryptCiphertext: Base64(1024, '32 random bytes under the encryption certificate: RSA-OAEP (SHA-1), or Sm2SessionEnvelope DER, SEQUENCE { SM2Cipher of an SM4 key, iv OCTET STRING, SM4-CBC OCTET STRING }, which keys with GM/T 0016 alone can open'),
  },
  { $id: 'CompletionChallenge' },
);
export type CompletionChallenge = Static<typeof CompletionChallenge>;

/** An old encryption certificate of the holder whose key can be brought back to the token in this issuance. */
export const RestorableKey = strictObject(
  { certificateDer: Base64(16384, 'encryption certificate'), certificateSerialHex: Hex(40, 'its serial number'), from: Type.Literal('escrow') },
  { $id: 'RestorableKey' },
);
export type RestorableKey = Static<typeof RestorableKey>;

/** Present from state `certified` on. `envelopedEncryptionKey` is null with the policy same-keys: the key is on the token already. */
export const IssuedPair = strictObject(
  {
    signCertificateDer: Base64(16384, 'signing certificate'),
    encryptionCertificateDer: Base64(16384, 'encryption certificate'),
    chainDer: Type.Array(Base64(16384, 'issuing CA first, root last'), { minItems: 1, maxItems: 5 }),
    envelopedEncryptionKey: Nullable(EnvelopedEncryptionKey),
    challenge: CompletionChallenge,
    restorableKeys: Type.Array(RestorableKey),
  },
  { $id: 'IssuedPair' },
);
export type IssuedPair = Static<typeof IssuedPair>;

export const Issuance = strictObject(
  {
    id: Id('issuance'),
    state: IssuanceState,
    requestId: Id('request'),
    kind: RequestKind,
    /** new-keys: as in a new issue. same-keys: the request must be of the key that is on the token, and the pair has no envelope. */
    keyPolicy: KeyPolicy,
    replacesCertificateSerialHex: Nullable(Hex(40, 'signing certificate that is revoked when this issuance is completed')),
    tokenSerial: TokenSerial,
    tokenModelId: Type.String({ maxLength: 64 }),
    keyAlgorithm: KeyAlgorithm,
    subject: CertificateSubject,
    /** Subject as it must stand in the certification request, so that the key's holder sees what is signed. */
    csrSubjectDer: Base64(4096, 'X.501 Name to put into the PKCS#10 request'),
    pair: Nullable(IssuedPair),
    remainingQuantity: Type.Integer({ description: 'keys of the line for which writing has not begun' }),
    startedAtUtc: UtcTime('when started'),
    completedAtUtc: Nullable(UtcTime('when completed')),
  },
  { $id: 'Issuance' },
);
export type Issuance = Static<typeof Issuance>;

const issuanceParams = strictObject({ issuanceId: Id('issuance') });
const idempotencyErrors = ['IDEMPOTENCY_KEY_MISSING', 'IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_IN_FLIGHT'] as const;

export const issuanceEndpoints = {
  startIssuance: endpoint({
    method: 'POST', path: '/v1/issuances', summary: 'Spend an authorization code on one key', tag: 'Issuance', access: 'account', idempotent: true, status: 201, response: Issuance,
    body: strictObject({ requestId: Id('request'), authorizationCode: AuthorizationCode, tokenSerial: TokenSerial, tokenModelId: Type.String({ pattern: '^[a-z0-9-]{1,64}$' }) }),
    errors: ['NOT_FOUND', 'CODE_WRONG', 'CODE_VOID', 'CODE_EXPIRED', 'CODE_USED_FOR_KEY', 'CODE_NOT_FOR_THIS', 'REQUEST_STATE', 'REQUEST_OTHER_KEY', 'REQUEST_CERTIFICATE_STATE', 'REQUEST_RISK_NOTICE', 'ORDER_QUANTITY_USED_UP', 'ISSUANCE_OPEN_FOR_KEY', 'ISSUANCE_KEY_HAS_PAIR', ...idempotencyErrors],
  }),
  listOpenIssuances: endpoint({
    method: 'GET', path: '/v1/issuances', summary: 'Issuances of mine that are begun and not completed; how a tool finds out after a crash whether its start arrived', tag: 'Issuance', access: 'account', status: 200,
    query: strictObject({ ...pageQuery, requestId: Type.Optional(Id('request')), tokenSerial: Type.Optional(TokenSerial) }),
    response: strictObject({ items: Type.Array(Issuance), next: Nullable(Type.String()) }), errors: ['CURSOR_INVALID'],
  }),
  getIssuance: endpoint({ method: 'GET', path: '/v1/issuances/:issuanceId', summary: 'One issuance', tag: 'Issuance', access: 'account', status: 200, params: issuanceParams, response: Issuance, errors: ['NOT_FOUND'] }),
  submitCsr: endpoint({
    method: 'PUT', path: '/v1/issuances/:issuanceId/csr', summary: 'Certification request of the signing key; answers with both certificates. The same public key again gets the same certificates.', tag: 'Issuance', access: 'account', status: 200, params: issuanceParams, response: Issuance,
    body: strictObject({ csrDer: Base64(16384, 'PKCS#10 in DER') }),
    errors: ['NOT_FOUND', 'ISSUANCE_STATE', 'ISSUANCE_KEY_CHANGED', 'CSR_MALFORMED', 'CSR_SIGNATURE', 'CSR_SUBJECT', 'CSR_KEY_WEAK', 'CSR_KEY_ALGORITHM', 'CSR_KEY_IN_USE', 'CSR_KEY_NOT_THE_SAME', 'CERTIFICATE_LINT'],
  }),
  completeIssuance: endpoint({
    method: 'PUT', path: '/v1/issuances/:issuanceId/completion', summary: 'Prove that both new keys work on the token; makes the pair active', tag: 'Issuance', access: 'account', status: 200, params: issuanceParams, response: Issuance,
    body: strictObject({ signature: Base64(1024, 'by the new signing key over the challenge'), decryptedSha256: Hex(64, 'SHA-256 of the 32 bytes that the new encryption key decrypted') }),
    errors: ['NOT_FOUND', 'ISSUANCE_STATE', 'ISSUANCE_KEY_HAS_PAIR', 'REQUEST_CERTIFICATE_STATE', 'COMPLETION_PROOF'],
  }),
  cancelIssuance: endpoint({
    method: 'PUT', path: '/v1/issuances/:issuanceId/cancellation', summary: 'Give an issuance up: certificates of it are revoked, the use of the code comes back', tag: 'Issuance', access: 'account', status: 200, params: issuanceParams, response: Issuance, errors: ['NOT_FOUND', 'ISSUANCE_STATE'],
  }),
} as const;
