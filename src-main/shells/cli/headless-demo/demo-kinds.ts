/** What the demo can be run with: which algorithm the certificates have, and which software key they are written to. SoftHSM2 knows no SM2, and RSA does not go over SKF here. */
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { prepareDemoKey, type DemoKey } from '../../../demo/demo-key.ts';
import { prepareDemoSoftUkey } from '../../../demo/demo-soft-ukey.ts';

/** How each software key is made ready, in a folder of its own. */
export const DEMO_TOKENS = {
  softhsm2: (folder: string): Promise<DemoKey> => prepareDemoKey(folder),
  'soft-ukey': (folder: string, nativeFolder: string) => prepareDemoSoftUkey({ folder, nativeFolder }),
  'soft-ukey-skf': (folder: string, nativeFolder: string) => prepareDemoSoftUkey({ folder, nativeFolder, interface: 'skf' }),
} as const;
export type DemoToken = keyof typeof DEMO_TOKENS;

const ALGORITHMS: Readonly<Record<string, KeyAlgorithm>> = { rsa: 'rsa-2048', sm2: 'sm2' };
const KNOWN: Readonly<Record<KeyAlgorithm, readonly DemoToken[]>> = { 'rsa-2048': ['softhsm2', 'soft-ukey'], sm2: ['soft-ukey', 'soft-ukey-skf'] };

export interface DemoKind {
  readonly algorithm: KeyAlgorithm;
  readonly token: DemoToken;
}

/** @param algorithm `rsa` (when missing) or `sm2` @param token a key that can do it; when missing the first of them @throws USAGE */
export function chooseDemoKind(algorithm: string = 'rsa', token?: string): DemoKind {
  const keyAlgorithm = Object.hasOwn(ALGORITHMS, algorithm) ? ALGORITHMS[algorithm] : undefined;
  if (keyAlgorithm === undefined) throw new AppError('USAGE', { reason: `--alg is one of ${Object.keys(ALGORITHMS).join(', ')}` });
  const tokens = KNOWN[keyAlgorithm];
  const chosen = token === undefined ? tokens[0] : tokens.find((one) => one === token);
  if (chosen === undefined) throw new AppError('USAGE', { reason: `--token for ${algorithm} is one of ${tokens.join(', ')}` });
  return { algorithm: keyAlgorithm, token: chosen };
}
