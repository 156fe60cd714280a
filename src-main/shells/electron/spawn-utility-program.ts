/**
 * Starts programs of ours as Electron utility processes: the packaged Electron cannot be made to run as Node (fuse runAsNode is off).
 * Two ports, two needs: a service that writes lines (the CA service), and programs that are spoken to over messages (token host, PDF reader).
 */
import { createInterface } from 'node:readline';
import type * as Electron from 'electron';
import type { ProgramEnd, ProgramSpawner } from '../../demo/spawn-program.ts';
import type { HostProcess, HostSpawner } from '../../token/host-spawner.ts';

type UtilityProcesses = typeof Electron.utilityProcess;

export function utilityProgramSpawner(utilityProcess: UtilityProcesses): ProgramSpawner {
  const spawn: ProgramSpawner['spawn'] = (program, programArguments, listeners) => {
    const child = utilityProcess.fork(program, [...programArguments], { stdio: 'pipe', serviceName: 'BidKey CA service' });
    if (child.stdout) createInterface({ input: child.stdout }).on('line', listeners.onOutputLine);
    if (child.stderr) createInterface({ input: child.stderr }).on('line', listeners.onErrorLine);
    const ended = new Promise<ProgramEnd>((settled) => {
      child.once('exit', (exitCode) => settled({ exitCode, signal: null }));
    });
    return { pid: child.pid, ended, stop: () => void child.kill(), kill: () => killNow(child) };
  };
  // Utility processes end with the main process, and have no standard input.
  return { holdsStandardInput: false, spawn };
}

/** @param script the built token-host.js or pdf-reader.js @param serviceName as the system's list of processes shows it */
export function utilityHostSpawner(utilityProcess: UtilityProcesses, script: string, serviceName: string): HostSpawner {
  return {
    spawn(environment): HostProcess {
      // What a driver prints may hold PINs: it goes nowhere.
      const child = utilityProcess.fork(script, [], { stdio: 'ignore', env: { ...process.env, ...environment }, serviceName });
      let lives = true;
      child.once('exit', () => { lives = false; });
      return {
        get pid() {
          return child.pid;
        },
        // A process that is already gone is told by onExit.
        send: (message) => {
          if (lives) child.postMessage(message);
        },
        onMessage: (listener) => void child.on('message', listener),
        onExit: (listener) => void child.once('exit', (code) => listener(`exit code ${code}`)),
        kill: () => killNow(child),
      };
    },
  };
}

/** Electron's own kill is SIGTERM on POSIX, which a driver that hangs in a library may never see. */
function killNow(child: Electron.UtilityProcess): void {
  if (process.platform === 'win32' || child.pid === undefined) {
    child.kill();
    return;
  }
  try {
    process.kill(child.pid, 'SIGKILL');
  } catch (thrown) {
    // ESRCH: it ended by itself in the meantime.
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
  }
}
