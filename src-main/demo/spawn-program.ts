/** How a shell starts another program of ours (dist/ca.js): a port, because Electron has no Node to run (fuse runAsNode is off) and uses a utility process. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface ProgramEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

export interface RunningProgram {
  readonly pid: number | undefined;
  readonly ended: Promise<ProgramEnd>;
  /** Asks the program to end. */
  stop(): void;
  /** Ends it without asking. */
  kill(): void;
}

export interface ProgramListeners {
  readonly onOutputLine: (line: string) => void;
  readonly onErrorLine: (line: string) => void;
}

export interface ProgramSpawner {
  /** The child's standard input stays open as long as we live; its end tells the child that we are gone. Without it the system ends the child with us. */
  readonly holdsStandardInput: boolean;
  spawn(program: string, programArguments: readonly string[], listeners: ProgramListeners): RunningProgram;
}

/** With Node itself, for the local shell and the CLI. */
export const nodeProgramSpawner: ProgramSpawner = { holdsStandardInput: true, spawn: spawnNodeProgram };

function spawnNodeProgram(program: string, programArguments: readonly string[], listeners: ProgramListeners): RunningProgram {
  // A group of its own: Ctrl+C in the terminal reaches us alone, and we end the child in order.
  const child = spawn(process.execPath, [program, ...programArguments], { stdio: ['pipe', 'pipe', 'pipe'], detached: process.platform !== 'win32', windowsHide: true });
  createInterface({ input: child.stdout }).on('line', listeners.onOutputLine);
  createInterface({ input: child.stderr }).on('line', listeners.onErrorLine);
  // A child that is gone closes its end; that is seen in `ended`.
  child.stdin.on('error', (error) => listeners.onErrorLine(`stdin: ${error.message}`));
  const ended = new Promise<ProgramEnd>((settled) => {
    child.once('error', (error) => {
      listeners.onErrorLine(error.message);
      settled({ exitCode: null, signal: null });
    });
    child.once('exit', (exitCode, signal) => settled({ exitCode, signal }));
  });
  return { pid: child.pid, ended, stop: () => void child.kill('SIGTERM'), kill: () => void child.kill('SIGKILL') };
}
