/** Errors of the shells: who may call the engine, and the files it keeps. */
import type { ErrorTable } from '../error-row.ts';

export const SHELL_ERRORS = {
  SHELL_CALLER_REFUSED: { when: 'A call comes from a frame, host or origin that may not call the engine.', message: 'This caller is not allowed.', status: 403 },
  SHELL_TOKEN_INVALID: { when: 'The one-time token of the local shell is missing, wrong or used.', message: 'The link is not valid any more.', status: 403 },
  DATA_FOLDER_LOCKED: { when: 'Another BidKey works with the same data folder.', message: 'Another BidKey is using this data folder.', status: 409 },
  SETTINGS_INVALID: { when: 'The settings file cannot be read; defaults are used and the file was set aside.', message: 'The settings file is damaged.', status: 500 },
  SHELL_UNREACHABLE: { when: 'The screens cannot reach the program behind them: it has ended, or something else answers; details.reason says which.', message: 'The BidKey program cannot be reached.', status: 503 },
  CA_SERVICE_FAILED: { when: 'The CA service that BidKey starts itself did not start or ended by itself; details.log names the file with its last words.', message: 'The built-in CA service does not run.', status: 500 },
  DEMO_KEY_FAILED: { when: 'The demo key could not be made; details.reason says at which step.', message: 'The demo key could not be made.', status: 500 },
  USAGE: { when: 'The command line is wrong.', message: 'Wrong usage.', status: 400 },
} as const satisfies ErrorTable;
