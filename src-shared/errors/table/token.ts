/** Errors of tokens and their drivers. `status` never matters: tokens are not reached over REST. */
import type { ErrorTable } from '../error-row.ts';

export const TOKEN_ERRORS = {
  // Drivers
  DRIVER_NOT_FOUND: { when: 'The driver library does not exist at the configured paths; details.paths names them.', message: 'The driver library was not found.', status: 500 },
  DRIVER_WRONG_PROCESSOR: { when: 'The library is built for another processor or word size; details.wanted and details.found name them.', message: 'The driver library is for another processor.', status: 500 },
  DRIVER_LOAD_FAILED: { when: 'The library cannot be loaded or has no function list.', message: 'The driver library cannot be loaded.', status: 500 },
  DRIVER_CRASHED: { when: 'The process that runs the driver died during the call; it has been started again.', message: 'The driver crashed.', status: 500 },
  DRIVER_TIMEOUT: { when: 'The driver gave no answer within the time limit of the call; its process has been ended and started again.', message: 'The driver gave no answer in time.', status: 500 },
  DRIVER_NONSENSE: { when: 'The driver answered with lengths or values that cannot be; details.functionName names the call.', message: 'The driver gave a nonsensical answer.', status: 500 },
  DRIVER_FUNCTION_FAILED: { when: 'A driver function failed with a code that has no meaning of its own here; details.functionName and details.returnCode name them.', message: 'A driver function failed.', status: 500 },
  DRIVER_MECHANISM: { when: 'The key cannot do what is asked; details.mechanism names it.', message: 'The key does not support the mechanism.', status: 500 },
  UKEY_MODEL_INVALID: { when: 'A model profile breaks its schema.', message: 'A UKey model profile is not valid.', status: 500 },
  UKEY_MODEL_UNKNOWN: { when: 'No model profile has this id.', message: 'Unknown UKey model.', status: 404 },
  // Presence
  TOKEN_NOT_PRESENT: { when: 'The key with this serial is not plugged in.', message: 'The key is not plugged in.', status: 404 },
  TOKEN_REMOVED: { when: 'The key was pulled out during the call.', message: 'The key was pulled out.', status: 409 },
  TOKEN_NOT_INITIALISED: { when: 'The key has no user PIN yet; it was never initialised.', message: 'The key is not initialised.', status: 409 },
  TOKEN_INITIALISED: { when: 'The key is to be initialised and has been already; what is on it would be lost.', message: 'The key is initialised already.', status: 409 },
  DEVICE_KEY_WRONG: { when: 'The key refused the device key of its maker (SKF device authentication).', message: 'The device key is wrong.', status: 403 },
  TOKEN_FULL: { when: 'There is no room on the key.', message: 'The key is full.', status: 409 },
  TOKEN_SERIAL_AMBIGUOUS: { when: 'Two plugged keys report the same serial; which one is meant cannot be told.', message: 'Two keys report the same serial.', status: 409 },
  TOKEN_APPLICATION_UNKNOWN: { when: 'The key has several applications (SKF) and the model profile names none of them; details.applications lists them.', message: 'Which application of the key is meant cannot be told.', status: 409 },
  TOKEN_BUSY: { when: 'Another session on the same key is open; a key serves one at a time.', message: 'The key is in use.', status: 409 },
  // PIN
  PIN_INCORRECT: { when: 'The PIN is wrong; details.triesLeft says how many tries are left, when the driver tells. BidKey never tries again by itself.', message: 'The PIN is wrong.', status: 403 },
  PIN_LOCKED: { when: 'The PIN is locked after too many wrong tries.', message: 'The PIN is locked.', status: 423 },
  ADMIN_PIN_INCORRECT: { when: 'The administrator PIN is wrong; details.triesLeft says how many tries are left, when the driver tells. BidKey never tries again by itself.', message: 'The administrator PIN is wrong.', status: 403 },
  ADMIN_PIN_LOCKED: { when: 'The administrator PIN is locked after too many wrong tries: nothing unlocks it, only initialising the key anew helps, which erases it.', message: 'The administrator PIN is locked.', status: 423 },
  PIN_RULE: { when: 'The new PIN breaks a rule of the model; details.rules names them.', message: 'The new PIN breaks a rule.', status: 422 },
  PIN_NOT_CONFIRMED: { when: 'Two or fewer tries are left and the person has not confirmed to go on.', message: 'Few tries left: confirmation is needed.', status: 409 },
  TOKEN_NOT_LOGGED_IN: { when: 'The call needs a login on the key, and there is none, or it ended.', message: 'Not logged in to the key.', status: 401 },
  // Keys and certificates on the token
  CONTAINER_NOT_FOUND: { when: 'The key has no container with this id.', message: 'The key container was not found.', status: 404 },
  KEY_NOT_FOUND: { when: 'The container has no key of this use.', message: 'The private key was not found.', status: 404 },
  CERTIFICATE_KEY_MISMATCH: { when: 'The certificate’s public key is not that of the key on the token.', message: 'The certificate does not match the key.', status: 422 },
  KEY_PROOF_FAILED: { when: 'A signature or decryption by the new key does not check in software.', message: 'The key on the token does not work as it should.', status: 500 },
  ENVELOPE_REFUSED: { when: 'The token could not open the enveloped encryption key; it was made for another key or is damaged.', message: 'The token refused the enveloped key.', status: 422 },
} as const satisfies ErrorTable;
