/**
 * The PKCS#11 libraries under test: SoftHSM2 and the software UKey, each with a fresh token, and any other by its path:
 * BIDKEY_CONFORMANCE_PKCS11='[{"name":"…","path":"/…/lib.so","userPin":"…"}]' (a key there must be one that may be written to).
 */
import { createSoftHsm2Token } from '../../support/softhsm2.ts';
import { ADMIN_PIN, SOFT_UKEY_LIBRARY, USER_PIN, createSoftUkey, softUkeyMissing } from '../../soft-ukey/support/soft-ukey.ts';

export interface PreparedToken {
  readonly path: string;
  readonly userPin: string;
  /** Null: the administrator's part is left out, and so is everything that locks or erases. */
  readonly soPin: string | null;
  readonly env: Readonly<Record<string, string>>;
  dispose(): Promise<void>;
}

export interface LibraryUnderTest {
  readonly name: string;
  /** Why it cannot be tested here, or null. */
  readonly missing: string | null;
  /** Things this library is known to do otherwise than the standard says: the check and what is wrong. */
  readonly knownDeviations: Readonly<Record<string, string>>;
  prepare(): Promise<PreparedToken>;
}

const softHsm2: LibraryUnderTest = {
  name: 'SoftHSM2',
  missing: null,
  knownDeviations: {
    'pin-counters': 'SoftHSM2 never counts PIN tries',
    'pkcs11-tool-test': 'SoftHSM2 has OAEP with SHA-1 only, pkcs11-tool --test insists on SHA-256',
  },
  async prepare() {
    const token = await createSoftHsm2Token();
    return { path: token.modulePath, userPin: token.pin, soPin: token.soPin, env: token.env, dispose: () => token.dispose() };
  },
};

const softUkey: LibraryUnderTest = {
  name: 'software UKey',
  missing: softUkeyMissing(),
  knownDeviations: {},
  async prepare() {
    const key = await createSoftUkey();
    return { path: SOFT_UKEY_LIBRARY, userPin: USER_PIN, soPin: ADMIN_PIN, env: key.env, dispose: () => key.dispose() };
  },
};

interface ExternalLibrary { readonly name: string; readonly path: string; readonly userPin: string }

const external = (JSON.parse(process.env['BIDKEY_CONFORMANCE_PKCS11'] ?? '[]') as ExternalLibrary[]).map((library): LibraryUnderTest => ({
  name: library.name,
  missing: null,
  knownDeviations: {},
  prepare: () => Promise.resolve({ path: library.path, userPin: library.userPin, soPin: null, env: {}, dispose: () => Promise.resolve() }),
}));

export const PKCS11_LIBRARIES: readonly LibraryUnderTest[] = [softHsm2, softUkey, ...external];
