/**
 * The driver functions whose answers must not be trusted with a length, and those that take a PIN, called through koffi on our own buffers.
 * Why beside pkcs11js: it allocates as many bytes as the driver claims to need, decodes every string as UTF-8 (a label in GBK is lost), and takes PINs
 * as JavaScript strings, which cannot be wiped. Both load the same library; the system gives them one copy with one state.
 * Rule: buffers have a size of ours, an answer that does not fit is DRIVER_NONSENSE.
 */
import koffi from 'koffi';
import { AppError } from '#shared/errors/app-error.ts';
import { CKR_OK, driverFailure, driverNonsense } from './return-codes.ts';

export const MAX_SLOTS = 64;
const MAX_MECHANISMS = 1024;
const MAX_OBJECTS_A_CALL = 64;
const MAX_ATTRIBUTE_BYTES = 16_384;
/** CK_TOKEN_INFO is 208 bytes at most; drivers have been seen to write beyond a structure. */
const TOKEN_INFO_ROOM = 512;
const CKR_ATTRIBUTE_SENSITIVE = 0x11;
const CKR_ATTRIBUTE_TYPE_INVALID = 0x12;
const CKR_BUFFER_TOO_SMALL = 0x150;

/** CK_ULONG is `unsigned long`: 4 bytes on Windows and on 32-bit systems, else 8. Windows packs structures to single bytes. */
export const ULONG_BYTES = process.platform === 'win32' || ['ia32', 'arm'].includes(process.arch) ? 4 : 8;
/** CK_UNAVAILABLE_INFORMATION. */
const UNAVAILABLE = (1n << BigInt(ULONG_BYTES * 8)) - 1n;
const POINTER_BYTES = ['ia32', 'arm'].includes(process.arch) ? 4 : 8;
/** The pointers of CK_FUNCTION_LIST begin behind the two bytes of CK_VERSION. */
const FUNCTIONS_AT = process.platform === 'win32' ? 2 : POINTER_BYTES;
/** Places in CK_FUNCTION_LIST, PKCS#11 2.40 pkcs11f.h. */
const PLACES = { C_GetSlotList: 4, C_GetTokenInfo: 6, C_GetMechanismList: 7, C_InitToken: 9, C_InitPIN: 10, C_SetPIN: 11, C_Login: 18, C_GetAttributeValue: 24, C_FindObjects: 27 } as const;

type Driver = (...values: readonly unknown[]) => unknown;
type GuardedName = keyof typeof PLACES;

const ARGUMENTS: Readonly<Record<GuardedName, readonly string[]>> = {
  C_GetSlotList: ['uint8', 'void *', 'void *'],
  C_GetTokenInfo: ['ulong', 'void *'],
  C_GetMechanismList: ['ulong', 'void *', 'void *'],
  C_InitToken: ['ulong', 'void *', 'ulong', 'void *'],
  C_InitPIN: ['ulong', 'void *', 'ulong'],
  C_SetPIN: ['ulong', 'void *', 'ulong', 'void *', 'ulong'],
  C_Login: ['ulong', 'ulong', 'void *', 'ulong'],
  C_GetAttributeValue: ['ulong', 'ulong', 'void *', 'ulong'],
  C_FindObjects: ['ulong', 'void *', 'ulong', 'void *'],
};

export class GuardedFunctions {
  readonly #functions: Readonly<Record<GuardedName, Driver>>;

  /** @throws DRIVER_LOAD_FAILED */
  constructor(libraryPath: string) {
    const list = functionList(libraryPath);
    const entry = (name: GuardedName): Driver => {
      const address: unknown = koffi.decode(list, FUNCTIONS_AT + PLACES[name] * POINTER_BYTES, 'void *');
      if (address === null) throw new AppError('DRIVER_LOAD_FAILED', { reason: `no ${name}` });
      return koffi.decode(address, koffi.proto('ulong', [...ARGUMENTS[name]]));
    };
    const names = Object.keys(PLACES) as GuardedName[];
    this.#functions = Object.fromEntries(names.map((name) => [name, entry(name)])) as Record<GuardedName, Driver>;
  }

  slotsWithToken(): Buffer[] {
    const room = Buffer.alloc(MAX_SLOTS * ULONG_BYTES);
    // Libraries look for new slots only when they are asked for the number of them (PKCS#11 2.40 §5.5); the number itself is not believed.
    this.#call('C_GetSlotList', 1, null, ulong(0));
    const count = ulong(MAX_SLOTS);
    this.#call('C_GetSlotList', 1, room, count);
    return handles('C_GetSlotList', room, count, MAX_SLOTS);
  }

  /** CK_TOKEN_INFO as bytes. */
  tokenInfo(slot: Buffer): Buffer {
    const room = Buffer.alloc(TOKEN_INFO_ROOM);
    this.#call('C_GetTokenInfo', numberOf(slot), room);
    return room;
  }

  mechanisms(slot: Buffer): number[] {
    const room = Buffer.alloc(MAX_MECHANISMS * ULONG_BYTES);
    const count = ulong(MAX_MECHANISMS);
    this.#call('C_GetMechanismList', numberOf(slot), room, count);
    return handles('C_GetMechanismList', room, count, MAX_MECHANISMS).map((handle) => Number(numberOf(handle)));
  }

  /** Erases the token. The label is 32 bytes, filled with blanks. */
  initToken(slot: Buffer, adminPin: Uint8Array, label: Uint8Array): void {
    this.#call('C_InitToken', numberOf(slot), adminPin, adminPin.length, label);
  }

  logIn(session: Buffer, userType: number, pin: Uint8Array): void {
    this.#call('C_Login', numberOf(session), userType, pin, pin.length);
  }

  /** With the administrator logged in: sets the user PIN and its tries anew. */
  initPin(session: Buffer, newPin: Uint8Array): void {
    this.#call('C_InitPIN', numberOf(session), newPin, newPin.length);
  }

  setPin(session: Buffer, oldPin: Uint8Array, newPin: Uint8Array): void {
    this.#call('C_SetPIN', numberOf(session), oldPin, oldPin.length, newPin, newPin.length);
  }

  /** The next objects of a search that C_FindObjectsInit began; empty at its end. */
  findObjects(session: Buffer): Buffer[] {
    const room = Buffer.alloc(MAX_OBJECTS_A_CALL * ULONG_BYTES);
    const count = ulong(0);
    this.#call('C_FindObjects', numberOf(session), room, MAX_OBJECTS_A_CALL, count);
    return handles('C_FindObjects', room, count, MAX_OBJECTS_A_CALL);
  }

  /** @returns null when the object has no such attribute or keeps it to itself */
  attribute(session: Buffer, object: Buffer, type: number): Buffer | null {
    const room = Buffer.alloc(MAX_ATTRIBUTE_BYTES);
    // CK_ATTRIBUTE: type, pointer to the value, its length.
    const template = Buffer.concat([ulong(type), pointer(room), ulong(room.length)]);
    const returnCode = Number(this.#functions.C_GetAttributeValue(numberOf(session), numberOf(object), template, 1));
    if (returnCode === CKR_ATTRIBUTE_TYPE_INVALID || returnCode === CKR_ATTRIBUTE_SENSITIVE) return null;
    if (returnCode === CKR_BUFFER_TOO_SMALL) throw driverNonsense('C_GetAttributeValue', `an attribute longer than ${MAX_ATTRIBUTE_BYTES} bytes`);
    if (returnCode !== CKR_OK) throw driverFailure('C_GetAttributeValue', returnCode);
    const length = numberOf(template.subarray(ULONG_BYTES + POINTER_BYTES));
    if (length === UNAVAILABLE) return null;
    if (length > BigInt(room.length)) throw driverNonsense('C_GetAttributeValue', `length ${length}`);
    return Buffer.from(room.subarray(0, Number(length)));
  }

  #call(name: GuardedName, ...values: readonly unknown[]): void {
    const returnCode = Number(this.#functions[name](...values));
    if (returnCode === CKR_BUFFER_TOO_SMALL) throw driverNonsense(name, 'more entries than can be');
    if (returnCode !== CKR_OK) throw driverFailure(name, returnCode);
  }
}

function functionList(libraryPath: string): unknown {
  try {
    const library = koffi.load(libraryPath, { lazy: true });
    const getFunctionList: Driver = library.func('C_GetFunctionList', 'ulong', [koffi.out(koffi.pointer('void *'))]);
    const list: unknown[] = [null];
    const returnCode = Number(getFunctionList(list));
    if (returnCode !== CKR_OK || list[0] === null) throw driverFailure('C_GetFunctionList', returnCode);
    return list[0];
  } catch (thrown) {
    // The loader's own words name missing dependencies, which is what support needs.
    throw new AppError('DRIVER_LOAD_FAILED', { libraryPath, reason: thrown instanceof Error ? thrown.message.slice(0, 300) : 'unknown' }, thrown);
  }
}

function handles(functionName: GuardedName, room: Buffer, count: Buffer, most: number): Buffer[] {
  const claimed = numberOf(count);
  if (claimed > BigInt(most)) throw driverNonsense(functionName, `${claimed} entries`);
  return Array.from({ length: Number(claimed) }, (_, index) => Buffer.from(room.subarray(index * ULONG_BYTES, (index + 1) * ULONG_BYTES)));
}

function ulong(value: number): Buffer {
  const bytes = Buffer.alloc(ULONG_BYTES);
  if (ULONG_BYTES === 8) bytes.writeBigUInt64LE(BigInt(value));
  else bytes.writeUInt32LE(value);
  return bytes;
}

function pointer(target: Buffer): Buffer {
  const bytes = Buffer.alloc(POINTER_BYTES);
  const address = koffi.address(target);
  if (POINTER_BYTES === 8) bytes.writeBigUInt64LE(address);
  else bytes.writeUInt32LE(Number(address));
  return bytes;
}

/** Slots, sessions and objects are CK_ULONG; pkcs11js hands them round as buffers of that size. */
function numberOf(handle: Buffer): bigint {
  return ULONG_BYTES === 8 ? handle.readBigUInt64LE() : BigInt(handle.readUInt32LE());
}
