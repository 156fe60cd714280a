/** How a host process is started: a port, because Electron starts it with utilityProcess and everything else with child_process. Holds the latter. */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface HostProcess {
  readonly pid: number | undefined;
  /** Structured clone: byte strings stay byte strings. */
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, also when the process could not be started. */
  onExit(listener: (how: string) => void): void;
  /** Ends it at once, whatever it does. */
  kill(): void;
}

export interface HostSpawner {
  /** @param environment added to that of this process */
  spawn(environment: Readonly<Record<string, string>>): HostProcess;
}

export interface ForkHostOptions {
  /** The built token-host.js; by default the one beside the running program, or in a source tree the source. */
  readonly script?: string;
  /** Only for development: what the driver prints may hold anything. */
  readonly showStderr?: boolean;
}

export function forkHostSpawner(options: ForkHostOptions = {}): HostSpawner {
  const program = options.script === undefined ? findHostProgram(import.meta.url, 'token-host.js', 'host/main.ts') : { script: options.script, execArgv: [] };
  return forkSpawner(program, options.showStderr);
}

export interface HostProgram {
  readonly script: string;
  readonly execArgv: readonly string[];
}

export function forkSpawner(program: HostProgram, showStderr = false): HostSpawner {
  return { spawn: (environment) => forkHost(program, environment, showStderr) };
}

/** Built programs stand side by side in dist/. @param source path from the calling module, in a source tree */
export function findHostProgram(moduleUrl: string, builtName: string, source: string): HostProgram {
  const here = dirname(fileURLToPath(moduleUrl));
  const built = join(here, builtName);
  if (existsSync(built)) return { script: built, execArgv: [] };
  const loader = createRequire(import.meta.url).resolve('tsx');
  return { script: join(here, source), execArgv: ['--import', pathToFileURL(loader).href] };
}

function forkHost(program: HostProgram, environment: Readonly<Record<string, string>>, showStderr: boolean): HostProcess {
  // Nothing that a driver prints is kept: it may print PINs.
  const stdio: ('ignore' | 'inherit' | 'ipc')[] = ['ignore', 'ignore', showStderr ? 'inherit' : 'ignore', 'ipc'];
  const child = fork(program.script, [], { serialization: 'advanced', execArgv: [...program.execArgv], env: { ...process.env, ...environment }, stdio });
  return {
    pid: child.pid,
    send: (message) => {
      // A process that is already gone is told by onExit, not by a failing write.
      if (child.connected) child.send(message as object, () => undefined);
    },
    onMessage: (listener) => child.on('message', listener),
    onExit: (listener) => {
      let told = false;
      const tell = (how: string) => {
        if (!told) listener(how);
        told = true;
      };
      child.once('exit', (code, signal) => tell(signal ?? `exit code ${code}`));
      child.once('error', (error) => tell(error.message));
    },
    kill: () => child.kill('SIGKILL'),
  };
}
