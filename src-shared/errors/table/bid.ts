/** Errors of the bid tool: projects, documents, forms, openings, and the files that a person chooses. */
import type { ErrorTable } from '../error-row.ts';

export const BID_ERRORS = {
  BID_PROJECT_NOT_FOUND: { when: 'No bid project, tender draft or opening session has this id.', message: 'There is no such project.', status: 404 },
  BID_PROJECT_CHANGED: { when: 'The project was changed by another window since the screen read it.', message: 'The project was changed meanwhile.', status: 409 },
  BID_PROJECT_ARCHIVED: { when: 'The project is archived; it has to be taken back before it can be changed.', message: 'The project is archived.', status: 409 },
  BID_PART_NOT_FOUND: { when: 'The project has no part with this id.', message: 'There is no such part.', status: 404 },
  BID_PART_FULL: { when: 'The part takes no further document; details.max says how many it takes.', message: 'The part takes no further document.', status: 409 },
  BID_PART_FORM: { when: 'A document was to be put into a part that is a form, or a form was filled in for a part that is none.', message: 'This part is of another kind.', status: 422 },
  BID_DOCUMENT_NOT_FOUND: { when: 'The project has no document with this id.', message: 'There is no such document.', status: 404 },
  BID_DOCUMENT_CHANGED: { when: 'The copy of a document in the project folder is not the one that was added: it was changed or is missing; details.name names it.', message: 'A document of the project was changed.', status: 409 },
  BID_DOCUMENT_TYPE: { when: 'The part does not take files of this kind; details.wanted names what it takes.', message: 'The part does not take this kind of file.', status: 422 },
  BID_DOCUMENT_SIZE: { when: 'The file is larger than the part takes; details.maxBytes says how large it may be.', message: 'The file is too large for this part.', status: 422 },
  BID_PDF_UNREADABLE: { when: 'The PDF cannot be opened: damaged, cut off, or no PDF; details.reason says what the reader found.', message: 'The PDF cannot be opened.', status: 422 },
  BID_PDF_ENCRYPTED: { when: 'The PDF is protected by a password or by restrictions; evaluators could not open or print it.', message: 'The PDF is encrypted.', status: 422 },
  BID_NOT_READY: { when: 'A check before sealing is not passed; details.checks names them.', message: 'The bid is not ready to be sealed.', status: 409 },
  BID_WORK_NOT_FOUND: { when: 'No work of this run of the program has this id.', message: 'There is no such work.', status: 404 },
  BID_WORK_RUNNING: { when: 'Work on this project or session runs already.', message: 'Work on this is running already.', status: 409 },
  OPENING_KEY_USELESS: { when: 'No bid of the session waits for a share of this key; details.serial names it.', message: 'This key opens nothing here.', status: 409 },
  OPENING_TOO_EARLY: { when: 'The opening time of a bid has not come and nobody confirmed to open it before; details.opensAtUtc says when.', message: 'The opening time has not come.', status: 409 },
  OPENING_FINISHED: { when: 'The session has its signed transcript and is not changed any more.', message: 'The session is finished.', status: 409 },
  OPENING_EMPTY: { when: 'There is no sealed bid in the folder.', message: 'There is no sealed bid in the folder.', status: 404 },
  FILE_PLACE_REFUSED: { when: 'The folder is neither below the home folder nor on a removable drive, or the path is not absolute.', message: 'This folder is not shown here.', status: 403 },
  FILE_FOLDER_UNREADABLE: { when: 'The folder cannot be read or made; details.reason has the code of the system.', message: 'The folder cannot be read.', status: 422 },
  UPLOAD_NOT_FOUND: { when: 'The upload is unknown, not complete, or was given up.', message: 'There is no such upload.', status: 404 },
  CERTIFICATE_FILE_REFUSED: { when: 'The file holds no certificate, or several.', message: 'The file is not a certificate.', status: 422 },
} as const satisfies ErrorTable;
