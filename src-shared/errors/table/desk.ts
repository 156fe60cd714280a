/** Errors of the desktop tool beside writing: signing with a key for the service, materials, the ledger of sealed bids, the diagnosis. */
import type { ErrorTable } from '../error-row.ts';

export const DESK_ERRORS = {
  // What a key signs for the service
  KEY_NO_SIGNING_CERTIFICATE: { when: 'The key holds no signing certificate, or not the one that is asked for; details.wanted names it.', message: 'The key has no such signing certificate.', status: 409 },
  KEY_CHALLENGE_REFUSED: { when: 'What the service wants signed is not of the promised form: another purpose, service or certificate. Nothing was signed. details.reason says which.', message: 'The challenge of the service was refused.', status: 502 },
  RISK_NOTICE_VERSION: { when: 'The risk notice that was accepted is not the one that is in force; details.version names that one.', message: 'The risk notice has changed.', status: 409 },
  MATERIAL_UNREADABLE: { when: 'A material cannot be read or is no PDF, JPEG or PNG file; details.reason says which.', message: 'The material cannot be read.', status: 422 },
  // The ledger of sealed bids
  LEDGER_DAMAGED: { when: 'The ledger of sealed bids cannot be read or breaks its own rules; it was set aside, nothing was overwritten.', message: 'The ledger of sealed bids is damaged.', status: 500 },
  LEDGER_BID_UNKNOWN: { when: 'The ledger has no bid with this seal id.', message: 'This bid is not in the ledger.', status: 404 },
  LEDGER_GENERATION_UNKNOWN: { when: 'The ledger knows no such file of this bid: an upload was entered for a header that was never taken in.', message: 'This file of the bid is not in the ledger.', status: 404 },
  LEDGER_BID_STATE: { when: 'A bid that is still to be opened cannot be removed from the ledger.', message: 'A bid that is still to be opened cannot be removed.', status: 409 },
  LEDGER_IMPORT_INVALID: { when: 'What is to be taken in is neither a sealed bid nor an exported ledger; nothing was taken in. details.reason says why.', message: 'This cannot be taken into the ledger.', status: 422 },
  LEDGER_WOULD_LOSE: { when: 'Sealed bids that are still to be opened would not open any more after the deed; details.bids names them. It needs an assessment and the typed confirmation.', message: 'Sealed bids would be lost.', status: 409 },
  LEDGER_ANSWER_STALE: { when: 'The assessment that was answered is unknown, too old, or does not name every bid that would be lost now.', message: 'The ledger has to be asked again.', status: 409 },
  LEDGER_CONFIRMATION_WRONG: { when: 'The typed confirmation is not the text that the assessment asks for.', message: 'The confirmation is not what was asked for.', status: 409 },
  // Diagnosis
  DIAGNOSIS_RUNNING: { when: 'A diagnosis is running.', message: 'A diagnosis is running.', status: 409 },
  DIAGNOSIS_NONE: { when: 'No diagnosis was made since the start.', message: 'There is no diagnosis yet.', status: 404 },
} as const satisfies ErrorTable;
