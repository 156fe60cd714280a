/**
 * Holds the signer process: starts it, limits the time of every call, kills it when it hangs or has lost its session, and starts and logs in again on the
 * next call. After a refused PIN it never tries again, because a few wrong tries lock a module for good.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AppError } from '#shared/errors/app-error.ts';
import { unwrap } from '#shared/errors/result.ts';
import type { ModuleAddress, NumberedAnswer, NumberedRequest, SignerAnswer, SignerRequest } from './signer-protocol.ts';
import type { Sm2Mechanisms } from './sm2-mechanisms.ts';

export interface SignerProgram {
  readonly path: string;
  readonly execArgv: readonly string[];
}

export interface SignerProcessOptions extends Omit<ModuleAddress, 'sm2'> {
  /** Default null: RSA only. */
  readonly sm2?: Sm2Mechanisms | null;
  readonly pin: Uint8Array;
  /** What the module needs in its environment, as SOFTHSM2_CONF. */
  readonly env?: Readonly<Record<string, string>>;
  readonly callTimeoutMs?: number;
  readonly program?: SignerProgram;
}

export interface SignerProcess {
  /** @throws SIGNER_FAILED, and what the process answers */
  call(request: Exclude<SignerRequest, { call: 'open' }>): Promise<SignerAnswer>;
  /** For tests of hanging and crashing. */
  readonly pid: number | null;
  close(): Promise<void>;
}

const DEFAULT_CALL_TIMEOUT_MS = 30_000;

/** Answers after which the login is gone: the token was away, or the module was reset. Only a new process logs in again. */
const SESSION_LOST = new Set(['CKR_DEVICE_ERROR', 'CKR_DEVICE_REMOVED', 'CKR_TOKEN_NOT_PRESENT', 'CKR_SESSION_HANDLE_INVALID', 'CKR_SESSION_CLOSED', 'CKR_USER_NOT_LOGGED_IN', 'CKR_CRYPTOKI_NOT_INITIALIZED', 'CKR_GENERAL_ERROR']);

interface Running {
  readonly child: ChildProcess;
  readonly waiting: Map<number, (answer: NumberedAnswer | AppError) => void>;
  readonly opened: Promise<SignerAnswer>;
}

export function startSignerProcess(options: SignerProcessOptions): SignerProcess {
  let running: Running | null = null;
  let refusedPin: AppError | null = null;
  let closed = false;
  let nextId = 1;

  async function ask(target: Running, request: SignerRequest): Promise<SignerAnswer> {
    const id = nextId++;
    const answered = await new Promise<NumberedAnswer | AppError>((resolve) => {
      const timer = setTimeout(() => {
        resolve(new AppError('SIGNER_FAILED', { reason: 'time limit', call: request.call }));
        // A call that hangs inside a module cannot be cancelled, only its process can.
        target.child.kill('SIGKILL');
      }, options.callTimeoutMs ?? DEFAULT_CALL_TIMEOUT_MS);
      target.waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      const numbered: NumberedRequest = { id, request };
      target.child.send(numbered, (error) => error && target.waiting.get(id)?.(new AppError('SIGNER_FAILED', { reason: 'process ended' }, error)));
    });
    target.waiting.delete(id);
    if (answered instanceof AppError) throw answered;
    return unwrap(answered.result);
  }

  function start(): Running {
    const program = options.program ?? defaultSignerProgram();
    const child = fork(program.path, [], { execArgv: [...program.execArgv], env: { ...process.env, ...options.env }, serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const waiting: Running['waiting'] = new Map();
    child.on('message', (message: NumberedAnswer) => waiting.get(message.id)?.(message));
    const ended = (cause?: unknown) => {
      if (running?.child === child) running = null;
      for (const settle of [...waiting.values()]) settle(new AppError('SIGNER_FAILED', { reason: 'process ended' }, cause));
    };
    child.once('exit', () => ended());
    // `on`: a second one without a listener would end the service.
    child.on('error', ended);
    const begun: Running = { child, waiting, opened: Promise.resolve(null) };
    // The child wipes its copy; ours stays for the next start.
    return { ...begun, opened: ask(begun, { call: 'open', modulePath: options.modulePath, tokenLabel: options.tokenLabel, sm2: options.sm2 ?? null, pin: Uint8Array.from(options.pin) }) };
  }

  function end(target: Running): void {
    target.child.kill('SIGKILL');
    if (running === target) running = null;
  }

  return {
    get pid() {
      return running?.child.pid ?? null;
    },
    async call(request) {
      if (closed) throw new AppError('SIGNER_FAILED', { reason: 'closed' });
      if (refusedPin) throw refusedPin;
      const target = (running ??= start());
      try {
        await target.opened;
      } catch (thrown) {
        if (thrown instanceof AppError && thrown.details.reason === 'pin') refusedPin = thrown;
        end(target);
        throw thrown;
      }
      try {
        return await ask(target, request);
      } catch (thrown) {
        if (thrown instanceof AppError && SESSION_LOST.has(String(thrown.details.returnValue))) end(target);
        throw thrown;
      }
    },
    async close() {
      closed = true;
      const last = running;
      if (!last) return;
      await new Promise<void>((resolve) => {
        last.child.once('exit', () => resolve());
        last.child.kill('SIGKILL');
      });
    },
  };
}

/** Built programs find it beside themselves in dist/; from source it runs through tsx. */
export function defaultSignerProgram(): SignerProgram {
  const built = fileURLToPath(new URL('./pkcs11-signer.js', import.meta.url));
  if (existsSync(built)) return { path: built, execArgv: [] };
  return { path: fileURLToPath(new URL('./process-main.ts', import.meta.url)), execArgv: ['--import', 'tsx'] };
}
