/** The demo accounts' password: made once per data folder, so that no two demos share one. Shown by the service while its sandbox is on. */
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#shared/errors/app-error.ts';
import { readOrMakeSecretFile } from '../secrets/secret-file.ts';

/** Without characters that look alike. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const LENGTH = 12;

const fileOf = (dataFolder: string) => join(dataFolder, 'secrets', 'demo-password');

/** A data folder is a demo from its first start on, or never: demo certificates and real ones do not mix. @throws USAGE */
export function checkDemoFolder(dataFolder: string, start: { readonly demo: boolean; readonly production: boolean; readonly firstStart: boolean }): void {
  const isDemo = existsSync(fileOf(dataFolder));
  if (isDemo && start.production) throw new AppError('USAGE', { reason: 'this data folder holds a demo; production needs one of its own' });
  if (isDemo && !start.demo) throw new AppError('USAGE', { reason: 'this data folder holds a demo; start it with --demo' });
  if (!isDemo && start.demo && !start.firstStart) throw new AppError('USAGE', { reason: 'this data folder is no demo; --demo needs one of its own' });
}

export function demoPassword(dataFolder: string): string {
  const make = () => Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return readOrMakeSecretFile(fileOf(dataFolder), () => Buffer.from(make(), 'ascii')).toString('ascii').trim();
}
