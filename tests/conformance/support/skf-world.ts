/**
 * Any SKF library by its path, through koffi: device, application, PIN and container helpers for the conformance files.
 * Numbers out are read from zeroed 8-byte buffers, so that drivers with a 64-bit ULONG are read as well.
 * Another library: BIDKEY_CONFORMANCE_SKF='[{"name":"…","path":"/…/lib.so","application":"…","userPin":"…"}]'.
 */
import koffi from 'koffi';
import { afterAll, beforeAll, describe } from 'vitest';
import { ADMIN_PIN, SOFT_UKEY_LIBRARY, USER_PIN, createSoftUkey, softUkeyMissing, type SoftUkey } from '../../soft-ukey/support/soft-ukey.ts';
import { namesOf } from './skf-blobs.ts';

export const SAR = {
  OK: 0, NOTSUPPORTYET: 0x0a000003, INVALIDHANDLE: 0x0a000005, INVALIDPARAM: 0x0a000006, NAMELEN: 0x0a000009, KEYUSAGE: 0x0a00000a, INDATALEN: 0x0a000010, INDATA: 0x0a000011, HASHOBJ: 0x0a000013, HASHNOTEQUAL: 0x0a00001a,
  KEYNOTFOUND: 0x0a00001b, CERTNOTFOUND: 0x0a00001c, BUFFER_TOO_SMALL: 0x0a000020, DEVICE_REMOVED: 0x0a000023, PIN_INCORRECT: 0x0a000024, PIN_LOCKED: 0x0a000025, PIN_LEN_RANGE: 0x0a000027,
  APPLICATION_EXISTS: 0x0a00002c, USER_NOT_LOGGED_IN: 0x0a00002d, APPLICATION_NOT_EXISTS: 0x0a00002e, FILE_ALREADY_EXIST: 0x0a00002f, NO_ROOM: 0x0a000030, FILE_NOT_EXIST: 0x0a000031, FAIL: 0x0a000001,
} as const;
export const SGD = { SM4_ECB: 0x401, SM4_CBC: 0x402, SM3: 1, SHA256: 4, SM2_SIGN_A: 0x20100, SM2_SIGN_B: 0x20200 } as const;
export const PIN = { ADMIN: 0, USER: 1 } as const;

export type SkfHandle = bigint;
type Argument = number | string | Buffer | bigint | null | object;

koffi.pack('BLOCKCIPHERPARAM', { IV: koffi.array('uint8_t', 32), IVLen: 'uint32_t', PaddingType: 'uint32_t', FeedBitLen: 'uint32_t' });

/** Arguments by function: h handle, s string, n number, p pointer to a buffer, c BLOCKCIPHERPARAM by value. */
const SIGNATURES: Readonly<Record<string, string>> = {
  SKF_EnumDev: 'npp', SKF_ConnectDev: 'sp', SKF_DisConnectDev: 'h', SKF_GetDevState: 'sp', SKF_SetLabel: 'hs', SKF_GetDevInfo: 'hp', SKF_LockDev: 'hn', SKF_UnlockDev: 'h', SKF_WaitForDevEvent: 'ppp', SKF_CancelWaitForDevEvent: '',
  SKF_DevAuth: 'hpn', SKF_ChangeDevAuthKey: 'hpn', SKF_ChangePIN: 'hnssp', SKF_GetPINInfo: 'hnppp', SKF_VerifyPIN: 'hnsp', SKF_UnblockPIN: 'hssp', SKF_ClearSecureState: 'h',
  SKF_CreateApplication: 'hssnsnnp', SKF_EnumApplication: 'hpp', SKF_DeleteApplication: 'hs', SKF_OpenApplication: 'hsp', SKF_CloseApplication: 'h',
  SKF_CreateFile: 'hsnnn', SKF_DeleteFile: 'hs', SKF_EnumFiles: 'hpp', SKF_GetFileInfo: 'hsp', SKF_ReadFile: 'hsnnpp', SKF_WriteFile: 'hsnpn',
  SKF_CreateContainer: 'hsp', SKF_DeleteContainer: 'hs', SKF_OpenContainer: 'hsp', SKF_CloseContainer: 'h', SKF_EnumContainer: 'hpp', SKF_GetContainerType: 'hp', SKF_ImportCertificate: 'hnpn', SKF_ExportCertificate: 'hnpp',
  SKF_GenRandom: 'hpn', SKF_GenRSAKeyPair: 'hnp', SKF_ImportRSAKeyPair: 'hnpnpn', SKF_RSASignData: 'hpnpp', SKF_RSAVerify: 'hppnpn', SKF_GenECCKeyPair: 'hnp', SKF_ImportECCKeyPair: 'hp', SKF_ECCSignData: 'hpnp', SKF_ECCVerify: 'hppnp',
  SKF_ECCExportSessionKey: 'hnppp', SKF_ECCDecrypt: 'hppp', SKF_ExtECCEncrypt: 'hppnp', SKF_ExtECCDecrypt: 'hpppp', SKF_ExtECCSign: 'hppnp', SKF_ExtECCVerify: 'hppnp', SKF_ExportPublicKey: 'hnpp', SKF_ImportSessionKey: 'hnpnp', SKF_SetSymmKey: 'hpnp',
  SKF_EncryptInit: 'hc', SKF_Encrypt: 'hpnpp', SKF_EncryptUpdate: 'hpnpp', SKF_EncryptFinal: 'hpp', SKF_DecryptInit: 'hc', SKF_Decrypt: 'hpnpp', SKF_DecryptUpdate: 'hpnpp', SKF_DecryptFinal: 'hpp',
  SKF_DigestInit: 'hnppnp', SKF_Digest: 'hpnpp', SKF_DigestUpdate: 'hpn', SKF_DigestFinal: 'hpp', SKF_MacInit: 'hpp', SKF_Mac: 'hpnpp', SKF_CloseHandle: 'h',
};
const KOFFI_TYPES: Readonly<Record<string, string>> = { h: 'uintptr_t', s: 'str', n: 'uint32_t', p: 'void *', c: 'BLOCKCIPHERPARAM' };

/** A zeroed number or handle for a driver to write. */
export const cell = (): Buffer => Buffer.alloc(8);
export const numberIn = (buffer: Buffer): number => buffer.readUInt32LE(0);
export const handleIn = (buffer: Buffer): SkfHandle => buffer.readBigUInt64LE(0);
export const sizeCell = (size: number): Buffer => {
  const out = cell();
  out.writeUInt32LE(size);
  return out;
};

export class SkfLibrary {
  readonly #functions = new Map<string, (...values: readonly Argument[]) => unknown>();

  constructor(path: string) {
    const library = koffi.load(path);
    for (const [name, letters] of Object.entries(SIGNATURES)) this.#functions.set(name, library.func(name, 'uint32_t', [...letters].map((letter) => KOFFI_TYPES[letter] ?? 'void *')));
  }

  /** @returns the SAR_ code */
  call(name: string, ...values: readonly Argument[]): number {
    const entry = this.#functions.get(name);
    if (entry === undefined) throw new Error(`no ${name}`);
    return Number(entry(...values));
  }

  /** @throws for any code but SAR_OK */
  must(name: string, ...values: readonly Argument[]): void {
    const code = this.call(name, ...values);
    if (code !== SAR.OK) throw new Error(`${name}: 0x${code.toString(16)}`);
  }

  /** Calls a function whose last argument receives a handle. */
  handle(name: string, ...values: readonly Argument[]): SkfHandle {
    const out = cell();
    this.must(name, ...values, out);
    return handleIn(out);
  }

  /** Calls a function that ends in (buffer, size): first for the size, then for the bytes. */
  bytes(name: string, ...values: readonly Argument[]): Buffer {
    const size = cell();
    this.must(name, ...values, null, size);
    const out = Buffer.alloc(numberIn(size));
    this.must(name, ...values, out, size);
    return out.subarray(0, numberIn(size));
  }

  /** As bytes(), with one call into a large buffer: running operations bear no length query on some keys. */
  bytesAtOnce(name: string, ...values: readonly Argument[]): Buffer {
    const out = Buffer.alloc(8192), size = sizeCell(out.length);
    this.must(name, ...values, out, size);
    return out.subarray(0, numberIn(size));
  }

  names(name: string, ...values: readonly Argument[]): string[] {
    return namesOf(this.bytes(name, ...values));
  }
}

export const cipherParam = (iv: Buffer | null = null, padded = false): object => ({ IV: [...(iv ?? Buffer.alloc(0)), ...Buffer.alloc(32 - (iv?.length ?? 0))], IVLen: iv?.length ?? 0, PaddingType: padded ? 1 : 0, FeedBitLen: 0 });

interface SkfLibraryUnderTest { readonly name: string; readonly path: string; readonly application: string; readonly userPin: string; readonly missing: string | null }

const LIBRARIES: readonly SkfLibraryUnderTest[] = [
  { name: 'software UKey', path: SOFT_UKEY_LIBRARY, application: 'BidKeyApp', userPin: USER_PIN, missing: softUkeyMissing() },
  ...(JSON.parse(process.env['BIDKEY_CONFORMANCE_SKF'] ?? '[]') as Omit<SkfLibraryUnderTest, 'missing'>[]).map((library) => ({ ...library, missing: null })),
];

export class SkfWorld {
  readonly library: SkfLibraryUnderTest;
  skf!: SkfLibrary;
  /** The key behind it, when it is ours: may be locked, pulled and erased. */
  softUkey: SoftUkey | null = null;
  device!: SkfHandle;
  application!: SkfHandle;
  readonly adminPin = ADMIN_PIN;

  constructor(library: SkfLibraryUnderTest) {
    this.library = library;
  }

  async open(): Promise<void> {
    if (this.library.path === SOFT_UKEY_LIBRARY) {
      this.softUkey = await createSoftUkey();
      Object.assign(process.env, this.softUkey.env);
    }
    this.skf = new SkfLibrary(this.library.path);
    this.connect();
  }

  connect(): void {
    const [name] = this.skf.names('SKF_EnumDev', 1);
    if (name === undefined) throw new Error('no device');
    this.device = this.skf.handle('SKF_ConnectDev', name);
    this.application = this.skf.handle('SKF_OpenApplication', this.device, this.library.application);
    this.skf.must('SKF_VerifyPIN', this.application, PIN.USER, this.library.userPin, cell());
  }

  async close(): Promise<void> {
    this.skf.call('SKF_DisConnectDev', this.device);
    await this.softUkey?.dispose();
  }

  newContainer(name: string): SkfHandle {
    this.skf.call('SKF_DeleteContainer', this.application, name);
    return this.skf.handle('SKF_CreateContainer', this.application, name);
  }

  /** @returns 04 ‖ X ‖ Y; takes either reading of GM/T 0006 for the algorithm number */
  generate(container: SkfHandle): Buffer {
    const blob = Buffer.alloc(132);
    if (this.skf.call('SKF_GenECCKeyPair', container, SGD.SM2_SIGN_A, blob) !== SAR.OK) this.skf.must('SKF_GenECCKeyPair', container, SGD.SM2_SIGN_B, blob);
    return Buffer.concat([Buffer.from([4]), blob.subarray(36, 68), blob.subarray(100, 132)]);
  }
}

/** Runs a chapter of checks against every SKF library that is there. */
export function describeSkf(chapter: string, checks: (world: SkfWorld) => void): void {
  for (const library of LIBRARIES) {
    describe.skipIf(library.missing !== null)(`${chapter}: ${library.name}${library.missing === null ? '' : ` (${library.missing})`}`, () => {
      const world = new SkfWorld(library);
      beforeAll(() => world.open());
      afterAll(() => world.close());
      checks(world);
    });
  }
}
