/** Flags of the shells that stay open (Electron and local). */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { AppError } from '#shared/errors/app-error.ts';
import { defaultDataFolder, type LaunchMode } from './data-folder.ts';

export interface ShellFlags {
  readonly mode: LaunchMode;
  /** Absolute. */
  readonly dataFolder: string;
  /** Local shell only; 0: any free port. */
  readonly port: number;
  readonly open: boolean;
  readonly caBaseUrl: string | null;
  readonly embeddedCa: boolean;
}

const OPTIONS = {
  production: { type: 'boolean' }, demo: { type: 'boolean' }, 'embedded-ca': { type: 'boolean' }, 'no-open': { type: 'boolean' },
  data: { type: 'string' }, port: { type: 'string' }, ca: { type: 'string' },
} as const;

/** @param packaged an installed product begins in production, a clone with the demo. @throws USAGE */
export function readShellFlags(args: readonly string[], packaged = false): ShellFlags {
  const values = parseStrictly(args);
  if (values.production === true && values.demo === true) throw new AppError('USAGE', { options: ['--production', '--demo'] });
  const mode: LaunchMode = values.production === true || (packaged && values.demo !== true) ? 'production' : 'demo';
  return {
    mode,
    dataFolder: resolve(values.data ?? defaultDataFolder(mode)),
    port: portOf(values.port ?? '0'),
    open: values['no-open'] !== true,
    caBaseUrl: caAddressOf(values.ca),
    // The demo brings its own service unless another one is named.
    embeddedCa: values['embedded-ca'] === true || (mode === 'demo' && values.ca === undefined),
  };
}

function parseStrictly(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (thrown) {
    if (thrown instanceof TypeError) throw new AppError('USAGE', { reason: thrown.message }, thrown);
    throw thrown;
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new AppError('USAGE', { option: '--port' });
  return port;
}

function caAddressOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw new AppError('USAGE', { option: '--ca' });
  return text;
}
