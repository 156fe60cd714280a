/**
 * The command line's eyes and mouth: results to stdout, progress and prompts to stderr, secrets from a prompt without echo or from a file descriptor.
 * Rule: a secret is never an argument, never in the environment, never printed.
 */
import { readSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { StringDecoder } from 'node:string_decoder';
import { AppError } from '#shared/errors/app-error.ts';

const MAX_SECRET_BYTES = 1024;

export interface Terminal {
  /** A person sits in front of it: prompts are possible. */
  readonly interactive: boolean;
  print(line: string): void;
  /** For people only: progress, hints. */
  note(line: string): void;
  ask(prompt: string): Promise<string>;
  askSecret(prompt: string): Promise<string>;
  /** The next line of a file descriptor, without its end. @throws USAGE when it cannot be read or has no line left */
  readLineFrom(descriptor: number): string;
}

export function createTerminal(input: NodeJS.ReadStream, output: NodeJS.WriteStream, notes: NodeJS.WriteStream): Terminal {
  const interactive = input.isTTY === true && notes.isTTY === true;
  return {
    interactive,
    print: (line) => void output.write(`${line}\n`),
    note: (line) => void notes.write(`${line}\n`),
    async ask(prompt) {
      const lines = createInterface({ input, output: notes });
      try {
        return (await lines.question(prompt)).trim();
      } finally {
        lines.close();
      }
    },
    askSecret: (prompt) => askWithoutEcho(input, notes, prompt),
    readLineFrom: readLine,
  };
}

/** Raw mode: the terminal shows nothing, not even the length. */
async function askWithoutEcho(input: NodeJS.ReadStream, notes: NodeJS.WriteStream, prompt: string): Promise<string> {
  notes.write(prompt);
  input.setRawMode(true);
  input.resume();
  const decoder = new StringDecoder('utf8');
  try {
    return await new Promise<string>((answered, refused) => {
      let typed: string[] = [];
      const onData = (bytes: Buffer) => {
        for (const key of decoder.write(bytes)) {
          if (key === '\r' || key === '\n') return done(() => answered(typed.join('')));
          if (key === '\u0003' || key === '\u0004') return done(() => refused(new AppError('CANCELLED')));
          if (key === '\u007f' || key === '\b') typed = typed.slice(0, -1);
          else typed.push(key);
        }
      };
      const done = (settle: () => void) => {
        input.off('data', onData);
        settle();
      };
      input.on('data', onData);
    });
  } finally {
    input.setRawMode(false);
    input.pause();
    notes.write('\n');
  }
}

/** Byte by byte, so that nothing beyond the line is taken: the next secret may stand there. */
function readLine(descriptor: number): string {
  const bytes: number[] = [];
  const one = Buffer.alloc(1);
  while (bytes.length <= MAX_SECRET_BYTES) {
    const got = readByte(descriptor, one);
    if (got === null && bytes.length === 0) break;
    if (got === null || got === 0x0a) {
      const line = Buffer.from(bytes).toString('utf8').replace(/\r$/, '');
      bytes.fill(0);
      if (line !== '') return line;
      break;
    }
    bytes.push(got);
  }
  throw new AppError('USAGE', { fileDescriptor: descriptor });
}

function readByte(descriptor: number, into: Buffer): number | null {
  for (;;) {
    try {
      return readSync(descriptor, into, 0, 1, null) === 0 ? null : (into[0] ?? null);
    } catch (thrown) {
      const code = (thrown as NodeJS.ErrnoException).code;
      if (code === 'EOF') return null;
      if (code !== 'EAGAIN') throw new AppError('USAGE', { fileDescriptor: descriptor }, thrown);
      // A pipe whose writer is slow: sleep a little instead of turning.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}
