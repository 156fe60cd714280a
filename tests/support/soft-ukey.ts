/**
 * A fresh software UKey in a folder of its own, for tests of whatever uses keys: the library by its path and environment, and the hands on the key that a person has
 * (pull, push) or a test wants (lock, fill up, inject faults). Skips are counted: `softUkeyMissing()` says why it cannot be tested here.
 */
import { createSoftUkey, softUkeyMissing, ADMIN_PIN, SOFT_UKEY_LIBRARY, USER_PIN, type SoftUkeyStatus } from '../soft-ukey/support/soft-ukey.ts';

export { softUkeyMissing };

export interface TestSoftUkey {
  readonly libraryPath: string;
  /** What a process needs in its environment to see this key. */
  readonly env: { readonly BIDKEY_SOFT_UKEY_DIR: string };
  readonly serial: string;
  readonly label: string;
  readonly pin: string;
  readonly adminPin: string;
  /** Pulls the key out. */
  remove(): Promise<void>;
  /** Plugs it in again. */
  insert(): Promise<void>;
  /** Locks the user PIN. */
  lock(): Promise<void>;
  setFreeSpace(bytes: number): Promise<void>;
  /** `function call action`, for example `C_Sign 1 unplug`; call 0 is every call. Replaces the faults before. */
  fault(...words: readonly (string | number)[]): Promise<void>;
  clearFaults(): Promise<void>;
  status(): Promise<SoftUkeyStatus>;
  /** One more key in the same folder. @returns its serial */
  addKey(...createOptions: string[]): Promise<string>;
  ukeyctl(...words: string[]): Promise<string>;
  dispose(): Promise<void>;
}

export interface TestSoftUkeyOptions {
  readonly label?: string;
  /** More words for `ukeyctl create`. */
  readonly create?: readonly string[];
}

export async function createTestSoftUkey(options: TestSoftUkeyOptions = {}): Promise<TestSoftUkey> {
  const label = options.label ?? 'BidKey test key';
  const key = await createSoftUkey('--label', label, ...(options.create ?? []));
  const tell = async (...words: string[]) => void (await key.ukeyctl(...words));
  return {
    libraryPath: SOFT_UKEY_LIBRARY, env: key.env, serial: key.serial, label, pin: USER_PIN, adminPin: ADMIN_PIN,
    remove: () => tell('remove', key.serial),
    insert: () => tell('insert', key.serial),
    lock: () => tell('lock', key.serial),
    setFreeSpace: (bytes) => tell('set-free-space', key.serial, String(bytes)),
    fault: async (...words) => {
      await tell('fault', key.serial, 'clear');
      await tell('fault', key.serial, 'add', ...words.map(String));
    },
    clearFaults: () => tell('fault', key.serial, 'clear'),
    status: key.status, addKey: key.addKey, ukeyctl: key.ukeyctl, dispose: key.dispose,
  };
}
