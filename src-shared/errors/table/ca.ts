/** Errors of the CA REST service: accounts, orders, codes, issuance. */
import type { ErrorTable } from '../error-row.ts';

export const CA_ERRORS = {
  // Sign-in and limits
  UNAUTHENTICATED: { when: 'The call needs a signed-in account and brings no valid access token.', message: 'Sign in first.', status: 401 },
  FORBIDDEN: { when: 'The account may not do this.', message: 'Not allowed.', status: 403 },
  RATE_LIMITED: { when: 'Too many calls in a short time; Retry-After says when to try again.', message: 'Too many requests.', status: 429 },
  LOGIN_FAILED: { when: 'Login name or password is wrong; which one is never said.', message: 'Login name or password is wrong.', status: 401 },
  LOGIN_LOCKED: { when: 'Too many wrong passwords; the account waits until details.retryAtUtc.', message: 'The account is locked for a while.', status: 423 },
  SESSION_EXPIRED: { when: 'The refresh token is unknown, expired, or was used before.', message: 'The session has ended.', status: 401 },
  ACCOUNT_NAME_TAKEN: { when: 'The login name is registered already.', message: 'This login name is taken.', status: 409 },
  ACCOUNT_PASSWORD_WEAK: { when: 'The password is too short or too common.', message: 'The password is too weak.', status: 422 },
  ACCOUNT_SUBJECT_INVALID: { when: 'A name, unified social credit code (check digit, GB 32100) or identity number (GB 11643) is not valid.', message: 'The subject data is not valid.', status: 422 },
  // Protocol of the edge
  IDEMPOTENCY_KEY_MISSING: { when: 'A call that spends or issues brings no Idempotency-Key.', message: 'Idempotency-Key is missing.', status: 400 },
  IDEMPOTENCY_KEY_REUSED: { when: 'The same Idempotency-Key came with another request before.', message: 'Idempotency-Key was used for another request.', status: 422 },
  IDEMPOTENCY_IN_FLIGHT: { when: 'A call with the same Idempotency-Key is being carried out.', message: 'The same request is in progress.', status: 409 },
  CURSOR_INVALID: { when: 'The page cursor was not made by this service.', message: 'The page cursor is not valid.', status: 400 },
  MEDIA_TYPE_UNSUPPORTED: { when: 'The body of a call is not application/json.', message: 'The body must be application/json.', status: 415 },
  PROVIDER_UNAVAILABLE: { when: 'The service has no provider for what is asked; details.provider says which (payment, message).', message: 'The service has no provider for this.', status: 503 },
  // Orders
  ORDER_ITEM_UNKNOWN: { when: 'The project does not sell this item.', message: 'The item is not in the catalogue of the project.', status: 422 },
  ORDER_STATE: { when: 'The order is not in a state that allows this; details.state names it.', message: 'The state of the order does not allow this.', status: 409 },
  ORDER_QUANTITY_USED_UP: { when: 'Writing has begun for every key of the order line.', message: 'All keys of this order line are used up.', status: 409 },
  PAYMENT_STATE: { when: 'The payment is decided already.', message: 'The payment is already decided.', status: 409 },
  // Authorization codes
  CODE_WRONG: { when: 'The authorization code is wrong; details.triesLeft says how many tries are left.', message: 'The authorization code is wrong.', status: 422 },
  CODE_VOID: { when: 'The code was tried wrongly too often, or a newer one was sent.', message: 'The authorization code is void.', status: 422 },
  CODE_EXPIRED: { when: 'The code is older than seven days.', message: 'The authorization code has expired.', status: 422 },
  CODE_USED_FOR_KEY: { when: 'The code was used for this key before.', message: 'The authorization code was already used for this key.', status: 409 },
  CODE_NOT_FOR_THIS: { when: 'There is no code for this order line and operation.', message: 'There is no authorization code for this operation.', status: 422 },
  // Issuance
  ISSUANCE_OPEN_FOR_KEY: { when: 'Another issuance for the same key is begun and not completed; details.issuanceId names it when it is the caller’s.', message: 'Another writing for this key is unfinished.', status: 409 },
  ISSUANCE_STATE: { when: 'The issuance is not in a state that allows this; details.state names it.', message: 'The state of the issuance does not allow this.', status: 409 },
  ISSUANCE_KEY_CHANGED: { when: 'Certificates were issued for another public key in this issuance.', message: 'This issuance has certificates for another key.', status: 409 },
  COMPLETION_PROOF: { when: 'The proof that the new keys work does not verify.', message: 'The proof of the new keys is not valid.', status: 422 },
  CSR_MALFORMED: { when: 'The certification request is not strict DER of PKCS#10 (RFC 2986), has trailing bytes, or is too large.', message: 'The certification request is malformed.', status: 422 },
  CSR_SIGNATURE: { when: 'The signature of the certification request does not verify: no proof of possession.', message: 'The certification request is not signed by its key.', status: 422 },
  CSR_SUBJECT: { when: 'The subject of the certification request is not the one of the issuance.', message: 'The certification request names another subject.', status: 422 },
  CSR_KEY_WEAK: { when: 'The public key is too weak: RSA below 2048 bits or above 4096, exponent below 65537 or even, a known weak modulus.', message: 'The public key is too weak.', status: 422 },
  CSR_KEY_ALGORITHM: { when: 'The public key has another algorithm than the project asks for.', message: 'The public key has the wrong algorithm.', status: 422 },
  CSR_KEY_IN_USE: { when: 'The public key stands in another certificate of this CA.', message: 'The public key is in use by another certificate.', status: 409 },
  CERTIFICATE_LINT: { when: 'The certificate to be issued breaks a rule of its profile; details.rules names them. Nothing was signed.', message: 'The certificate would break a rule of its profile.', status: 500 },
} as const satisfies ErrorTable;
