/** The signing key pair of a container, born on the key. Idempotent: a container that has one keeps it, because SKF_GenECCKeyPair and SKF_GenRSAKeyPair would replace it without a word. */
import { randomBytes } from 'node:crypto';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { nullWhenRefused } from '#shared/errors/null-when-refused.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import type { PublicKey } from '../public-key.ts';
import { containerNameOf, isOwnContainerId } from './container-names.ts';
import { hasContainer, readPublicKey, requirePublicKey, withContainer } from './containers.ts';
import type { LoggedIn } from './logged-in.ts';
import { withNul } from './name-list.ts';
import { sarOf } from './sar-codes.ts';
import type { Handle } from './skf-functions.ts';
import { signWith } from './use-key.ts';

const PUBLIC_KEY_ROOM = 512;
/** SGD_SM2_1 in the two readings of GM/T 0006 that are in the field. */
const SM2_SIGN_NUMBERS = [0x00020200, 0x00020100];
const ANOTHER_NUMBER: ReadonlySet<string> = new Set(['SAR_INVALIDPARAMERR', 'SAR_NOTSUPPORTYETERR', 'SAR_KEYINFOTYPEERR']);

interface Generation {
  readonly kind: PublicKey['kind'];
  generate(at: LoggedIn, container: Handle): void;
}
const GENERATIONS: Readonly<Record<KeyAlgorithm, Generation>> = {
  'rsa-2048': { kind: 'rsa', generate: (at, container) => at.functions.call('SKF_GenRSAKeyPair', container, 2048, Buffer.alloc(PUBLIC_KEY_ROOM)) },
  sm2: { kind: 'sm2', generate: generateSm2 },
};

/** @throws CONTAINER_NOT_FOUND, DRIVER_MECHANISM, KEY_PROOF_FAILED, TOKEN_FULL */
export function generateSigningKeyPair(at: LoggedIn, containerId: string, algorithm: KeyAlgorithm): PublicKey {
  if (!isOwnContainerId(containerId)) refuse('CONTAINER_NOT_FOUND', { containerId });
  const { kind, generate } = GENERATIONS[algorithm];
  if (!hasContainer(at, containerId)) createContainer(at, containerId);
  return withContainer(at, containerNameOf(containerId), (container) => {
    const there = readPublicKey(at, container, 'sign');
    if (there === 'other' || (there !== null && there.kind !== kind)) throw new AppError('KEY_PROOF_FAILED', { containerId, reason: 'there is a key of another algorithm' });
    if (there !== null) return there;
    generate(at, container);
    const key = requirePublicKey(at, container, containerId, 'sign');
    // A key that cannot sign is told now, not when a certificate was made for it.
    signWith(at, container, key, randomBytes(32));
    return key;
  });
}

function createContainer(at: LoggedIn, containerId: string): void {
  const container = at.functions.open('SKF_CreateContainer', at.application, withNul(containerNameOf(containerId)));
  nullWhenRefused(() => at.functions.call('SKF_CloseContainer', container));
}

function generateSm2(at: LoggedIn, container: Handle): void {
  const { sm2Sign } = at.memory;
  const ofProfile = at.profile.sgdSm2Sign.map(Number);
  const numbers = [...new Set([...(sm2Sign === null ? [] : [sm2Sign]), ...ofProfile, ...SM2_SIGN_NUMBERS])];
  let last: unknown;
  for (const number of numbers) {
    try {
      at.functions.call('SKF_GenECCKeyPair', container, number, Buffer.alloc(PUBLIC_KEY_ROOM));
      at.memory.sm2Sign = number;
      return;
    } catch (thrown) {
      if (!ANOTHER_NUMBER.has(sarOf(thrown) ?? '')) throw thrown;
      last = thrown;
    }
  }
  throw last;
}
