/** Entry of a token host process: one driver, spoken to over the channel that its starter opened (child_process or Electron's utilityProcess). Only connects. */
import { openParentChannel } from '../parent-channel.ts';
import { endWithParent } from './parent-watch.ts';
import { serveCalls } from './serve-calls.ts';

// Ctrl+C in a terminal reaches every process of it: whether the work on the key stops is for the parent to say.
process.on('SIGINT', () => undefined);
endWithParent(process.ppid);
serveCalls(openParentChannel());
