/**
 * Ends this process when its parent is gone, even while the driver holds the main thread: a thread of its own looks once a second.
 * Without it a hanging driver would keep the key, and the key's library, busy long after BidKey was closed.
 */
import { Worker } from 'node:worker_threads';

const WATCH = `
const { workerData } = require('node:worker_threads');
const parentPid = workerData.parentPid;
function parentLives() {
  if (process.ppid !== parentPid) return false;
  try { process.kill(parentPid, 0); return true; } catch (error) { return error.code === 'EPERM'; }
}
setInterval(() => { if (!parentLives()) process.kill(process.pid, 'SIGKILL'); }, 1000);
`;

export function endWithParent(parentPid: number): void {
  new Worker(WATCH, { eval: true, workerData: { parentPid }, execArgv: [] }).unref();
}
