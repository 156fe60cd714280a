/** One session on one key and the objects seen through it: searching, reading, destroying. Handles are those of the driver and live as long as the session. */
import pkcs11 from 'pkcs11js';
import type { Cryptoki } from './cryptoki.ts';
import { driverNonsense } from './return-codes.ts';

/** More objects than any key holds: a driver that finds more is lost in a loop. */
const MAX_OBJECTS = 2048;

export type ObjectHandle = Buffer;
export type Template = { type: number; value?: number | boolean | string | Buffer }[];

export class TokenSession {
  readonly cryptoki: Cryptoki;
  readonly slot: Buffer;
  readonly handle: Buffer;

  constructor(cryptoki: Cryptoki, slot: Buffer, handle: Buffer) {
    this.cryptoki = cryptoki;
    this.slot = slot;
    this.handle = handle;
  }

  find(template: Template): ObjectHandle[] {
    this.cryptoki.native('C_FindObjectsInit', (native) => native.C_FindObjectsInit(this.handle, template));
    try {
      const found: ObjectHandle[] = [];
      for (;;) {
        const next = this.cryptoki.guarded((guarded) => guarded.findObjects(this.handle));
        if (next.length === 0) return found;
        found.push(...next);
        if (found.length > MAX_OBJECTS) throw driverNonsense('C_FindObjects', `more than ${MAX_OBJECTS} objects`);
      }
    } finally {
      this.cryptoki.native('C_FindObjectsFinal', (native) => native.C_FindObjectsFinal(this.handle));
    }
  }

  /** Objects of one class, of one CKA_ID if given. */
  findByClass(objectClass: number, keyId?: Uint8Array): ObjectHandle[] {
    const ofClass = { type: pkcs11.CKA_CLASS, value: objectClass };
    return this.find(keyId === undefined ? [ofClass] : [ofClass, { type: pkcs11.CKA_ID, value: Buffer.from(keyId) }]);
  }

  /** @returns null when the object has no such attribute or keeps it to itself */
  read(object: ObjectHandle, attribute: number): Buffer | null {
    return this.cryptoki.guarded((guarded) => guarded.attribute(this.handle, object, attribute));
  }

  create(template: Template): ObjectHandle {
    return this.cryptoki.native('C_CreateObject', (native) => native.C_CreateObject(this.handle, template));
  }

  destroy(object: ObjectHandle): void {
    this.cryptoki.native('C_DestroyObject', (native) => native.C_DestroyObject(this.handle, object));
  }
}
