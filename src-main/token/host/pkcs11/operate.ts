/**
 * A signature or decryption in its two calls, Init and the deed. A driver that refused the deed has to end the operation by itself (PKCS#11 2.40 §5.2); some leave
 * it standing and answer CKR_OPERATION_ACTIVE to every later Init. The session is then replaced; another one of the same key is logged in as it is.
 */
import type pkcs11 from 'pkcs11js';
import type { LoggedIn } from './logged-in.ts';
import { returnCodeOf } from './return-codes.ts';
import type { ObjectHandle } from './token-session.ts';

type Native = pkcs11.PKCS11;

const INIT = { C_Sign: 'C_SignInit', C_Decrypt: 'C_DecryptInit' } as const;
type Operation = keyof typeof INIT;

/** Ready for the deed. @throws what Init answers */
export function beginOperation(at: LoggedIn, operation: Operation, mechanism: pkcs11.Mechanism, key: ObjectHandle): void {
  const init = INIT[operation];
  const begin = () => at.session.cryptoki.native(init, (native: Native) => native[init](at.session.handle, mechanism, key));
  try {
    begin();
  } catch (thrown) {
    if (returnCodeOf(thrown) !== 'CKR_OPERATION_ACTIVE') throw thrown;
    at.renewSession();
    begin();
  }
}

/** @param room octets of the greatest possible result @throws what the driver answers */
export function finishOperation(at: LoggedIn, operation: Operation, data: Uint8Array, room: number): Uint8Array {
  const { cryptoki, handle } = at.session;
  return cryptoki.native(operation, (native: Native) => native[operation](handle, Buffer.from(data), Buffer.alloc(room)));
}
