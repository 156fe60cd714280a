/**
 * The functions of an SKF library (GM/T 0016) called through koffi on our own buffers. Every symbol is optional: libraries leave out what their key cannot do.
 * Rules: buffers have a size of ours and are zeroed, an answer that does not fit is DRIVER_NONSENSE; numbers that the driver writes get 8 bytes of which the
 * low 32 bits count, so that it does not matter whether its ULONG and BOOL have 4 bytes or 8; numbers that it takes are passed widened for the same reason.
 */
import koffi from 'koffi';
import { AppError } from '#shared/errors/app-error.ts';
import { SAR_OK, skfFailure, skfNonsense } from './sar-codes.ts';

export type Handle = bigint;
type Value = number | bigint | Uint8Array | BlockCipherParameter | null;
type Driver = (...values: readonly Value[]) => unknown;

/** `n` a number, `p` bytes or a place to write, `h` a handle, `c` BLOCKCIPHERPARAM by value, `w` the same of libraries whose ULONG has 8 bytes. All return ULONG. */
const SIGNATURES = {
  SKF_EnumDev: 'npp', SKF_ConnectDev: 'pp', SKF_DisConnectDev: 'h', SKF_GetDevInfo: 'hp', SKF_SetLabel: 'hp',
  SKF_EnumApplication: 'hpp', SKF_OpenApplication: 'hpp', SKF_CloseApplication: 'h', SKF_CreateApplication: 'hppnpnnp',
  SKF_GenRandom: 'hpn', SKF_SetSymmKey: 'hpnp', SKF_DevAuth: 'hpn', SKF_EncryptInit: 'hc', SKF_EncryptInit_wide: 'hw', SKF_Encrypt: 'hpnpp',
  SKF_GetPINInfo: 'hnppp', SKF_VerifyPIN: 'hnpp', SKF_ChangePIN: 'hnppp', SKF_UnblockPIN: 'hppp', SKF_ClearSecureState: 'h',
  SKF_EnumContainer: 'hpp', SKF_CreateContainer: 'hpp', SKF_OpenContainer: 'hpp', SKF_CloseContainer: 'h', SKF_DeleteContainer: 'hp',
  SKF_GetContainerType: 'hp', SKF_ImportCertificate: 'hnpn', SKF_ExportCertificate: 'hnpp', SKF_ExportPublicKey: 'hnpp',
  SKF_GenRSAKeyPair: 'hnp', SKF_RSASignData: 'hpnpp', SKF_ImportRSAKeyPair: 'hnpnpn',
  SKF_GenECCKeyPair: 'hnp', SKF_ECCSignData: 'hpnp', SKF_ImportECCKeyPair: 'hp', SKF_ImportSessionKey: 'hnpnp', SKF_CloseHandle: 'h',
  SKF_DecryptInit: 'hc', SKF_DecryptInit_wide: 'hw', SKF_Decrypt: 'hpnpp',
  // Vendors' own; the 2012 set cannot decrypt with a key of the container.
  SKF_ECCDecrypt: 'hppp', SKF_ECCPrvKeyDecrypt: 'hppp', SKF_ECCPrvKeyDecryptEx: 'hnppp',
} as const;
export type SkfFunction = keyof typeof SIGNATURES;

/** Without these nothing can be found. */
const NEEDED: readonly SkfFunction[] = ['SKF_EnumDev', 'SKF_ConnectDev', 'SKF_GetDevInfo', 'SKF_EnumApplication', 'SKF_OpenApplication'];

/** Wide enough for a ULONG, BOOL or handle of any build. */
const OUT_BYTES = 8;
const IV_ROOM = 32;

interface BlockCipherParameter {
  readonly IV: readonly number[];
  readonly IVLen: number;
  readonly PaddingType: number;
  readonly FeedBitLen: number;
}

export class SkfFunctions {
  readonly #functions: Readonly<Partial<Record<SkfFunction, Driver>>>;
  #driverMs = 0;

  /** @throws DRIVER_LOAD_FAILED */
  constructor(libraryPath: string) {
    this.#functions = loadFunctions(libraryPath);
    const missing = NEEDED.filter((name) => this.#functions[name] === undefined);
    if (missing.length > 0) throw new AppError('DRIVER_LOAD_FAILED', { libraryPath, reason: `no ${missing.join(', ')}` });
  }

  /** Milliseconds inside driver functions since start. */
  get driverMs(): number {
    return this.#driverMs;
  }

  has(name: SkfFunction): boolean {
    return this.#functions[name] !== undefined;
  }

  /** @throws DRIVER_MECHANISM when the library has no such function, else AppError by the table of return codes */
  call(name: SkfFunction, ...values: readonly Value[]): void {
    const call = this.#functions[name];
    if (call === undefined) throw new AppError('DRIVER_MECHANISM', { mechanism: name });
    const begun = performance.now();
    const returnCode = Number(call(...values)) >>> 0;
    this.#driverMs += performance.now() - begun;
    if (returnCode !== SAR_OK) throw skfFailure(name, returnCode);
  }

  /** Calls a function whose last argument is where a handle goes. */
  open(name: SkfFunction, ...values: readonly Value[]): Handle {
    const out = outNumber();
    this.call(name, ...values, out);
    const handle = out.readBigUInt64LE();
    if (handle === 0n) throw skfNonsense(name, 'a handle that is null');
    return handle;
  }

  /** Calls a function whose last two arguments are a buffer and its length. The length is never asked for first: that breaks off running operations on some keys. */
  read(name: SkfFunction, room: number, ...values: readonly Value[]): Buffer {
    const buffer = Buffer.alloc(room);
    const length = outNumber(room);
    this.call(name, ...values, buffer, length);
    const claimed = numberIn(length);
    if (claimed > room) throw skfNonsense(name, `length ${claimed}`);
    return buffer.subarray(0, claimed);
  }
}

export function outNumber(value = 0): Buffer {
  const out = Buffer.alloc(OUT_BYTES);
  out.writeUInt32LE(value);
  return out;
}

export function numberIn(out: Buffer): number {
  return out.readUInt32LE();
}

/** BLOCKCIPHERPARAM for CBC (for ECB with no IV) without padding: what is left of the padding is taken off here. */
export function cbcParameter(iv: Uint8Array): BlockCipherParameter {
  return { IV: [...iv, ...new Uint8Array(IV_ROOM - iv.length)], IVLen: iv.length, PaddingType: 0, FeedBitLen: 0 };
}

const BITS_64 = !['ia32', 'arm'].includes(process.arch);
/** DEVAPI is __stdcall on Windows, which differs from the default only on ia32. */
const CONVENTION = process.platform === 'win32' && process.arch === 'ia32' ? '__stdcall' : '__cdecl';

function loadFunctions(libraryPath: string): Readonly<Partial<Record<SkfFunction, Driver>>> {
  const blockCipherParameter = (ulong: string) => koffi.pack({ IV: koffi.array('uint8_t', IV_ROOM), IVLen: ulong, PaddingType: ulong, FeedBitLen: ulong });
  const types = { n: BITS_64 ? 'uint64_t' : 'uint32_t', p: 'void *', h: 'uintptr_t', c: blockCipherParameter('uint32_t'), w: blockCipherParameter('uint64_t') } as const;
  const library = loadLibrary(libraryPath);
  const found: Partial<Record<SkfFunction, Driver>> = {};
  for (const name of Object.keys(SIGNATURES) as SkfFunction[]) {
    const argumentTypes = [...SIGNATURES[name]].map((letter) => types[letter as keyof typeof types]);
    const bound = ifPresent(() => library.func(CONVENTION, name.replace('_wide', ''), 'uint32_t', argumentTypes) as Driver);
    if (bound !== null) found[name] = bound;
  }
  return found;
}

function loadLibrary(libraryPath: string): ReturnType<typeof koffi.load> {
  try {
    return koffi.load(libraryPath, { lazy: true });
  } catch (thrown) {
    // The loader's own words name missing dependencies, which is what support needs.
    throw new AppError('DRIVER_LOAD_FAILED', { libraryPath, reason: thrown instanceof Error ? thrown.message.slice(0, 300) : 'unknown' }, thrown);
  }
}

/** koffi tells a missing symbol by throwing; nothing else can go wrong with types that are ours. @returns null when the library has no such function */
function ifPresent(bind: () => Driver): Driver | null {
  try {
    return bind();
  } catch (thrown) {
    if (thrown instanceof Error && /cannot find function/i.test(thrown.message)) return null;
    throw thrown;
  }
}
