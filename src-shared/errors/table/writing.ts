/** Errors of the writing deeds, their journal, and the way to the CA service. */
import type { ErrorTable } from '../error-row.ts';

export const WRITING_ERRORS = {
  CA_UNREACHABLE: { when: 'The CA service cannot be reached; details.reason says at which step (name, connection, time).', message: 'The CA service cannot be reached.', status: 503 },
  CA_ANSWER_INVALID: { when: 'The CA service answered with something that fits no schema of the contract.', message: 'The CA service gave an unexpected answer.', status: 502 },
  CA_NOT_CONFIGURED: { when: 'No address of a CA service is set.', message: 'No CA service is configured.', status: 409 },
  CA_ADDRESS_INVALID: { when: 'The address of the CA service is not an http(s) address, or has credentials, a query or a fragment in it.', message: 'The address of the CA service is not valid.', status: 400 },
  CA_ADDRESS_INSECURE: { when: 'The address of the CA service is plain http to another machine; only this machine itself may be called without TLS.', message: 'The CA service must be called by https.', status: 400 },
  NOT_SIGNED_IN: { when: 'The desktop tool has no signed-in account.', message: 'Log in first.', status: 401 },
  DEED_NOT_FOUND: { when: 'The journal has no deed with this id.', message: 'This writing was not found.', status: 404 },
  DEED_RUNNING: { when: 'The deed, or another one on the same key, is being carried out right now.', message: 'A writing on this key is in progress.', status: 409 },
  DEED_UNFINISHED: { when: 'Another writing on this key is unfinished; details.deedId names it. It has to be resumed or cancelled first.', message: 'Another writing on this key is unfinished.', status: 409 },
  DEED_STOPPED: { when: 'BidKey was closed, ended or lost power while the writing ran.', message: 'BidKey stopped while the writing ran.', status: 409 },
  DEED_STATE: { when: 'The deed is not in a state that allows this; details.step names it.', message: 'The state of the writing does not allow this.', status: 409 },
  DEED_NOT_CANCELLABLE: { when: 'The deed has passed the point after which it can only go on.', message: 'This writing can no longer be cancelled.', status: 409 },
  DEED_CODE_NEEDED: { when: 'The CA service never received the start, so the authorization code is needed again; it was not used.', message: 'The authorization code is needed again.', status: 409 },
  DEED_WRONG_KEY: { when: 'The plugged key is not the one that the deed was begun on; details.wantedSerial names it.', message: 'This is not the key of this writing.', status: 409 },
  DEED_OTHER_ACCOUNT: { when: 'The deed was begun by another account.', message: 'This writing belongs to another account.', status: 403 },
  KEY_HAS_CERTIFICATES: { when: 'The key holds certificates already, and the person has not agreed to add to them; details.certificates names them.', message: 'The key already holds certificates.', status: 409 },
  ISSUED_PAIR_INVALID: { when: 'The certificates of the CA do not chain, have the wrong key, subject or use; nothing was written. details.reason says which.', message: 'The CA’s certificates are not valid for this key.', status: 502 },
  JOURNAL_DAMAGED: { when: 'The local journal cannot be read or breaks its own rules; it was set aside, nothing was overwritten.', message: 'The local journal is damaged.', status: 500 },
} as const satisfies ErrorTable;
