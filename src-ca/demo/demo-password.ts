/** The demo accounts' password: made once per data folder, so that no two demos share one. Shown by the service while its sandbox is on. */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { readOrMakeSecretFile } from '../secrets/secret-file.ts';

/** Without characters that look alike. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const LENGTH = 12;

export function demoPassword(dataFolder: string): string {
  const make = () => Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return readOrMakeSecretFile(join(dataFolder, 'secrets', 'demo-password'), () => Buffer.from(make(), 'ascii')).toString('ascii').trim();
}
