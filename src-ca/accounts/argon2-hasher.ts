/** Argon2id with the first choice of the OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane. */
import { hash, hashSync, verify } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';
import type { PasswordHasher } from './account-port.ts';

/** `algorithm` stays at the library's default, which is Argon2id; the encoded hash says so and a test holds it. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const;

export function argon2Hasher(): PasswordHasher {
  return {
    hash: (password) => hash(password, PARAMETERS),
    verify: (passwordHash, password) => verify(passwordHash, password),
    decoyHash: hashSync(randomBytes(32), PARAMETERS),
  };
}
