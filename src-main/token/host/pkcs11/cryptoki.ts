/** One opened PKCS#11 library: pkcs11js for what creates and uses keys, the guarded functions for what reads lengths or takes PINs. Measures the time inside the driver. */
import pkcs11 from 'pkcs11js';
import { AppError } from '#shared/errors/app-error.ts';
import { GuardedFunctions } from './guarded-functions.ts';
import { driverFailure, driverNonsense } from './return-codes.ts';

type Pkcs11 = InstanceType<typeof pkcs11.PKCS11>;
type NativeName = Extract<keyof Pkcs11, `C_${string}`>;

export class Cryptoki {
  readonly #native: Pkcs11;
  readonly #guarded: GuardedFunctions;
  #driverMs = 0;

  /** @throws DRIVER_LOAD_FAILED */
  constructor(libraryPath: string) {
    this.#guarded = new GuardedFunctions(libraryPath);
    this.#native = new pkcs11.PKCS11();
    try {
      this.#native.load(libraryPath);
    } catch (thrown) {
      throw new AppError('DRIVER_LOAD_FAILED', { libraryPath, reason: thrown instanceof Error ? thrown.message.slice(0, 300) : 'unknown' }, thrown);
    }
  }

  /** Milliseconds inside driver functions since start. */
  get driverMs(): number {
    return this.#driverMs;
  }

  /** Calls a function of pkcs11js. @throws AppError by the table of return codes */
  native<T>(functionName: NativeName, call: (native: Pkcs11) => T): T {
    return this.#timed(() => {
      try {
        return call(this.#native);
      } catch (thrown) {
        throw nativeFailure(functionName, thrown);
      }
    });
  }

  guarded<T>(call: (guarded: GuardedFunctions) => T): T {
    return this.#timed(() => call(this.#guarded));
  }

  #timed<T>(call: () => T): T {
    const begun = performance.now();
    try {
      return call();
    } finally {
      this.#driverMs += performance.now() - begun;
    }
  }
}

/** C_CreateObject and the other calls that pkcs11js overrides throw the bare error of its native part: name and number in the message (pkcs11js 2.1.7, index.js). */
const BARE_FAILURE = /^CKR_\w+:(\d+)/;

function nativeFailure(functionName: string, thrown: unknown): unknown {
  if (thrown instanceof pkcs11.Pkcs11Error) return driverFailure(functionName, thrown.code, thrown);
  // pkcs11js raises these when the driver's answer cannot be turned into a value, for example a length that cannot be allocated.
  if (thrown instanceof pkcs11.NativeError) return driverNonsense(functionName, thrown.message.slice(0, 100));
  const bare = thrown instanceof Error ? BARE_FAILURE.exec(thrown.message)?.[1] : undefined;
  return bare === undefined ? thrown : driverFailure(functionName, Number(bare), thrown);
}
