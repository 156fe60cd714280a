/** Administrator PINs on their way into and out of their wrapping. In clear they exist only between here and the answer to the tool. */
import type { KeyManagementCentre } from '../authority/authority-port.ts';

type Wrapping = Pick<KeyManagementCentre, 'wrapSecret' | 'unwrapSecret'>;

/** The serial number is authenticated: the PIN of one key cannot be put in the place of another's. */
const purposeOf = (tokenSerial: string) => `administrator PIN of ${tokenSerial}`;

export function wrapPin(centre: Wrapping, tokenSerial: string, pin: string): Buffer {
  const secret = Buffer.from(pin, 'utf8');
  try {
    return centre.wrapSecret(secret, purposeOf(tokenSerial));
  } finally {
    secret.fill(0);
  }
}

/** @throws DECRYPT_FAILED */
export function unwrapPin(centre: Wrapping, tokenSerial: string, wrapped: Uint8Array): string {
  const secret = centre.unwrapSecret(wrapped, purposeOf(tokenSerial));
  try {
    return secret.toString('utf8');
  } finally {
    secret.fill(0);
  }
}
