/**
 * The kinds of key that a deed is tried with: which driver, which face, which algorithm. Tests take a kind and get fresh keys of it; what only the software
 * UKey can do (lock, be full, fail on order) is `soft`, null on the others.
 */
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import type { DriverConfig } from '../../src-main/token/driver-watch.ts';
import type { TokenInterface } from '../../src-main/ukey-models/ukey-model-profile.ts';
import { createTestSoftUkey, softUkeyMissing, type TestSoftUkey } from './soft-ukey.ts';
import { createSoftHsm2Token, type SoftHsm2Token } from './softhsm2.ts';

/** As drivers, keys of one folder share one id. */
export const TEST_DRIVER_ID = 'test';

export interface TestKey {
  readonly serial: string;
  readonly pin: string;
  readonly adminPin: string;
  readonly label: string;
  readonly driver: DriverConfig;
  readonly soft: TestSoftUkey | null;
  /** Pulls the key out. */
  remove(): Promise<void>;
  /** Plugs it in again. */
  insert(): Promise<void>;
  /** One more key at the same driver. */
  addKey(label: string): Promise<TestKey>;
  /** Deletes the folder with every key in it. */
  dispose(): Promise<void>;
}

export interface KeyKind {
  readonly name: string;
  readonly modelId: string;
  readonly algorithm: KeyAlgorithm;
  readonly interface: TokenInterface;
  /** Tries that a PIN has; null when the key never locks. */
  readonly pinTries: number | null;
  /** Why it cannot be tried here, for a counted skip. */
  readonly missing: string | null;
  create(): Promise<TestKey>;
}

const SOFT_UKEY_TRIES = 10;
const softUkeyReason = softUkeyMissing();

export const KEY_KINDS: readonly KeyKind[] = [
  { name: 'SoftHSM2, RSA', modelId: 'softhsm2', algorithm: 'rsa-2048', interface: 'pkcs11', pinTries: null, missing: null, create: async () => fromSoftHsm2(await createSoftHsm2Token()) },
  softUkeyKind('soft UKey PKCS#11, SM2', 'pkcs11', 'sm2'),
  softUkeyKind('soft UKey PKCS#11, RSA', 'pkcs11', 'rsa-2048'),
  softUkeyKind('soft UKey SKF, SM2', 'skf', 'sm2'),
];

export const refOf = (key: TestKey) => ({ driverId: TEST_DRIVER_ID, serial: key.serial });

function softUkeyKind(name: string, face: TokenInterface, algorithm: KeyAlgorithm): KeyKind {
  return { name, modelId: 'bidkey-soft-ukey', algorithm, interface: face, pinTries: SOFT_UKEY_TRIES, missing: softUkeyReason, create: async () => fromSoftUkey(await createTestSoftUkey(), face) };
}

function fromSoftHsm2(token: SoftHsm2Token): TestKey {
  return {
    serial: token.serial, pin: token.pin, adminPin: token.soPin, label: token.label, soft: null,
    driver: { driverId: TEST_DRIVER_ID, modelId: 'softhsm2', libraryPath: token.modulePath, interface: 'pkcs11', environment: token.env },
    remove: () => token.remove(),
    insert: () => token.insert(),
    addKey: async (label) => fromSoftHsm2(await token.addToken({ label })),
    dispose: () => token.dispose(),
  };
}

function fromSoftUkey(soft: TestSoftUkey, face: TokenInterface): TestKey {
  return {
    serial: soft.serial, pin: soft.pin, adminPin: soft.adminPin, label: soft.label, soft,
    driver: { driverId: TEST_DRIVER_ID, modelId: 'bidkey-soft-ukey', libraryPath: soft.libraryPath, interface: face, environment: soft.env },
    remove: () => soft.remove(),
    insert: () => soft.insert(),
    addKey: async (label) => fromSoftUkey(sibling(soft, label, await soft.addKey('--label', label)), face),
    dispose: () => soft.dispose(),
  };
}

/** Another key of the same folder, by its serial. */
function sibling(soft: TestSoftUkey, label: string, serial: string): TestSoftUkey {
  const tell = async (...words: string[]) => void (await soft.ukeyctl(...words));
  return {
    ...soft, serial, label,
    remove: () => tell('remove', serial),
    insert: () => tell('insert', serial),
    lock: () => tell('lock', serial),
    setFreeSpace: (bytes) => tell('set-free-space', serial, String(bytes)),
    fault: async (...words) => {
      await tell('fault', serial, 'clear');
      await tell('fault', serial, 'add', ...words.map(String));
    },
    clearFaults: () => tell('fault', serial, 'clear'),
    status: async () => {
      const all = JSON.parse(await soft.ukeyctl('list', '--json')) as Awaited<ReturnType<TestSoftUkey['status']>>[];
      const own = all.find((one) => one.serial === serial);
      if (own === undefined) throw new Error(`ukeyctl does not list ${serial}`);
      return own;
    },
  };
}
