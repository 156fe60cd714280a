/**
 * One login to one token of a PKCS#11 module, with the CA's keys in it: RSA, and SM2 where the module's numbers for it are known. Keys are found by
 * CKA_LABEL = key id, made inside the token, sensitive and never extractable. Runs in the signer process only: module calls block and may hang.
 */
import pkcs11js from 'pkcs11js';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { ModuleAddress, NewKey } from './signer-protocol.ts';
import { rowOfKeyType, tokenKeyRows, type Attributes, type ReadAttributes } from './token-keys.ts';

export interface ModuleSession {
  find(keyId: string): Uint8Array | null;
  generate(keyId: string, key: NewKey): Uint8Array;
  /** RSA: RSASSA-PKCS1-v1_5 with SHA-256 over the message. SM2: the mechanism of the configuration over what it is given. */
  sign(keyId: string, input: Uint8Array): Uint8Array;
}

const MAX_SIGNATURE_BYTES = 1024;

/** @throws SIGNER_FAILED with reason `module`, `token` or `pin` */
export function openModuleSession(address: ModuleAddress, pin: Uint8Array): ModuleSession {
  const module = new pkcs11js.PKCS11();
  calling('module', () => {
    module.load(address.modulePath);
    module.C_Initialize();
  });
  const slot = findSlot(module, address.tokenLabel);
  const session = calling('token', () => module.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION));
  logIn(module, session, pin);
  const rows = tokenKeyRows(address);
  const findHandle = (objectClass: number, keyId: string) => findObject(module, session, objectClass, keyId);
  const readerOf = (object: Buffer): ReadAttributes => (types) => readAttributes(module, session, object, types);
  const rowOf = (object: Buffer) => rowOfKeyType(rows, readerOf(object)([pkcs11js.CKA_KEY_TYPE])[0] ?? null);
  const publicKeyOf = (object: Buffer) => rowOf(object).publicKey(readerOf(object));
  return {
    find: (keyId) => calling('key', () => {
      const publicKey = findHandle(pkcs11js.CKO_PUBLIC_KEY, keyId);
      // Both halves, or the key is not there: a public half alone signs nothing.
      return publicKey && findHandle(pkcs11js.CKO_PRIVATE_KEY, keyId) ? publicKeyOf(publicKey) : null;
    }),
    generate(keyId, key) {
      const row = rows[key.kind] ?? refuse('ALGORITHM_UNSUPPORTED', { algorithm: key.kind, reason: 'the mechanisms of the module are not known' });
      if (calling('key', () => findHandle(pkcs11js.CKO_PRIVATE_KEY, keyId))) throw new AppError('KEYSTORE_EXISTS', { keyId });
      return calling('key', () => publicKeyOf(module.C_GenerateKeyPair(session, { mechanism: row.generate }, [...publicTemplate(keyId), ...row.publicAttributes(key)], privateTemplate(keyId)).publicKey));
    },
    sign(keyId, input) {
      const privateKey = calling('key', () => findHandle(pkcs11js.CKO_PRIVATE_KEY, keyId));
      if (!privateKey) throw new AppError('NOT_FOUND', { keyId });
      return calling('sign', () => {
        module.C_SignInit(session, { mechanism: rowOf(privateKey).sign }, privateKey);
        return Uint8Array.from(module.C_Sign(session, Buffer.from(input), Buffer.alloc(MAX_SIGNATURE_BYTES)));
      });
    },
  };
}

function findSlot(module: pkcs11js.PKCS11, tokenLabel: string): Buffer {
  return calling('token', () => {
    const matching = module.C_GetSlotList(true).filter((slot) => module.C_GetTokenInfo(slot).label.trim() === tokenLabel);
    // Two tokens of one name: which one holds the keys would be a guess.
    if (matching.length !== 1 || !matching[0]) throw new AppError('SIGNER_FAILED', { reason: matching.length === 0 ? 'token' : 'token-ambiguous', tokenLabel });
    return matching[0];
  });
}

function logIn(module: pkcs11js.PKCS11, session: Buffer, pin: Uint8Array): void {
  try {
    calling('pin', () => module.C_Login(session, pkcs11js.CKU_USER, Buffer.from(pin).toString('utf8')));
  } finally {
    wipeBytes(pin);
  }
}

function findObject(module: pkcs11js.PKCS11, session: Buffer, objectClass: number, keyId: string): Buffer | null {
  module.C_FindObjectsInit(session, [{ type: pkcs11js.CKA_CLASS, value: objectClass }, { type: pkcs11js.CKA_LABEL, value: keyId }]);
  try {
    return module.C_FindObjects(session, 1)[0] ?? null;
  } finally {
    module.C_FindObjectsFinal(session);
  }
}

function publicTemplate(keyId: string): Attributes {
  return [
    { type: pkcs11js.CKA_TOKEN, value: true },
    { type: pkcs11js.CKA_LABEL, value: keyId },
    { type: pkcs11js.CKA_ID, value: Buffer.from(keyId, 'utf8') },
    { type: pkcs11js.CKA_VERIFY, value: true },
    { type: pkcs11js.CKA_ENCRYPT, value: false },
    { type: pkcs11js.CKA_WRAP, value: false },
  ];
}

function privateTemplate(keyId: string): Attributes {
  return [
    { type: pkcs11js.CKA_TOKEN, value: true },
    { type: pkcs11js.CKA_LABEL, value: keyId },
    { type: pkcs11js.CKA_ID, value: Buffer.from(keyId, 'utf8') },
    { type: pkcs11js.CKA_PRIVATE, value: true },
    { type: pkcs11js.CKA_SENSITIVE, value: true },
    { type: pkcs11js.CKA_EXTRACTABLE, value: false },
    { type: pkcs11js.CKA_SIGN, value: true },
    { type: pkcs11js.CKA_DECRYPT, value: false },
    { type: pkcs11js.CKA_UNWRAP, value: false },
  ];
}

function readAttributes(module: pkcs11js.PKCS11, session: Buffer, object: Buffer, types: readonly number[]): (Buffer | null)[] {
  return module.C_GetAttributeValue(session, object, types.map((type) => ({ type }))).map(({ value }) => (Buffer.isBuffer(value) && value.length > 0 ? value : null));
}

/** Module errors as SIGNER_FAILED with the return value's name; ours pass through. */
function calling<T>(reason: string, call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    const name = thrown instanceof pkcs11js.Pkcs11Error ? thrown.message.split(':')[0] : 'not a PKCS#11 error';
    throw new AppError('SIGNER_FAILED', { reason, returnValue: name ?? '' }, thrown);
  }
}
