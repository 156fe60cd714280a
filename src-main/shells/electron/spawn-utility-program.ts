/** Starts a program of ours as an Electron utility process: the packaged Electron cannot be made to run as Node (fuse runAsNode is off). */
import { createInterface } from 'node:readline';
import type * as Electron from 'electron';
import type { ProgramEnd, SpawnProgram } from '../../demo/spawn-program.ts';

export function spawnerOfUtilityPrograms(utilityProcess: typeof Electron.utilityProcess): SpawnProgram {
  return (program, programArguments, listeners) => {
    const child = utilityProcess.fork(program, [...programArguments], { stdio: 'pipe', serviceName: 'BidKey CA service' });
    if (child.stdout) createInterface({ input: child.stdout }).on('line', listeners.onOutputLine);
    if (child.stderr) createInterface({ input: child.stderr }).on('line', listeners.onErrorLine);
    const ended = new Promise<ProgramEnd>((settled) => {
      child.once('exit', (exitCode) => settled({ exitCode, signal: null }));
    });
    // A utility process has one way to be ended from outside; on POSIX it is SIGTERM.
    const end = () => void child.kill();
    return { pid: child.pid, ended, stop: end, kill: end };
  };
}
