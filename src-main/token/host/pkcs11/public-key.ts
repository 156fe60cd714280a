/** Public keys of objects, whatever their algorithm. */
import type { PublicKey } from '../public-key.ts';
import { readRsaPublicKey } from './rsa-public-key.ts';
import { readSm2PublicKey } from './sm2-public-key.ts';
import type { ObjectHandle, TokenSession } from './token-session.ts';

/** Of a public or a private key object. @returns null when the object does not tell it, or has a key that BidKey does not use */
export function readPublicKey(session: TokenSession, object: ObjectHandle): PublicKey | null {
  return readRsaPublicKey(session, object) ?? readSm2PublicKey(session, object);
}
