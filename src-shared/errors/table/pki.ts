/** Errors of ASN.1, X.509 and the cryptography under them. */
import type { ErrorTable } from '../error-row.ts';

export const PKI_ERRORS = {
  DER_MALFORMED: { when: 'Bytes are not strict DER (X.690 §10–11): truncated, trailing, non-minimal length, wrong tag, non-canonical value. details.reason and details.offset say what and where.', message: 'The data is not valid DER.', status: 422 },
  CERTIFICATE_MALFORMED: { when: 'The structure is DER but not a certificate, request or CRL of RFC 5280 / RFC 2986.', message: 'The certificate data is malformed.', status: 422 },
  ALGORITHM_UNSUPPORTED: { when: 'An algorithm identifier is not in our tables; details.oid names it.', message: 'The algorithm is not supported.', status: 422 },
  KEY_INVALID: { when: 'A public or private key is malformed or fails its own checks.', message: 'The key is not valid.', status: 422 },
  DECRYPT_FAILED: { when: 'A ciphertext does not open; one answer for every cause.', message: 'Decryption failed.', status: 422 },
  NAME_INVALID: { when: 'A distinguished name or attribute value is empty, too long or has forbidden characters.', message: 'The name is not valid.', status: 422 },
  KEYSTORE_UNREADABLE: { when: 'The key store of the CA does not open: wrong passphrase, damaged file or unknown form; which one cannot be told apart.', message: 'The key store cannot be opened.', status: 500 },
  KEYSTORE_EXISTS: { when: 'A key store or key of this name exists already; keys are never overwritten.', message: 'The key exists already.', status: 409 },
  SIGNER_FAILED: { when: 'A key in a hardware security module cannot be used: module, token, PIN, time limit or crash; details.reason says which.', message: 'The signing device does not work.', status: 503 },
  AUTHORITY_DAMAGED: { when: 'The data folder of the CA is incomplete, or its keys and certificates do not belong together; details.reason says what. Nothing is issued.', message: 'The data of the certificate authority is damaged.', status: 500 },
  CRL_LINT: { when: 'The revocation list to be signed breaks a rule; details.rules names them. Nothing was signed.', message: 'The revocation list would break a rule.', status: 500 },
  CMS_MALFORMED: { when: 'The structure is DER but not the CMS message (RFC 5652, GB/T 35275), SM2EnvelopedKey or CSRResponse (GM/T 0009, GM/T 0092) that is wanted; details.reason says what is wrong.', message: 'The cryptographic message is malformed.', status: 422 },
  CMS_NO_RECIPIENT: { when: 'A CMS envelope names no recipient that this certificate stands for.', message: 'The message is not for this certificate.', status: 422 },
  ENVELOPED_KEY_MISMATCH: { when: 'An enveloped private key opens, but does not belong to the public key beside it.', message: 'The enveloped key does not match its public key.', status: 422 },
  KEY_FILE_MALFORMED: { when: 'A key file is not PKCS#8 or PKCS#12 in a form that we read; details.reason says what is wrong.', message: 'The key file is malformed.', status: 422 },
  SM_ENGINE_PORTABLE: { when: 'A notice, not a failure: national cryptography runs on portable arithmetic, because the native engine is forbidden or does not load; details.reason says which.', message: 'The native engine is not in use.', status: 503 },
  SM_ENGINE_FAILED: { when: 'The native engine of national cryptography refused a call or does not load; details.reason has its code.', message: 'The cryptographic engine failed.', status: 500 },
} as const satisfies ErrorTable;
