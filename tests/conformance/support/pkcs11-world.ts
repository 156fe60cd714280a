/** One library with one token, open and logged in, for a conformance file; checks name the mechanisms that they need and are skipped, counted, where a library has them not. */
import pkcs11js, { type Handle, type Mechanism, type PKCS11, type Template } from 'pkcs11js';
import { afterAll, beforeAll, describe, type TestContext } from 'vitest';
import { PKCS11_LIBRARIES, type LibraryUnderTest, type PreparedToken } from './pkcs11-libraries.ts';

export const P = pkcs11js;

/** Numbers of the vendor family of the software UKey (docs/soft-ukey.md). */
export const SM2 = {
  CKK_SM2: 0x80000004, CKK_SM4: 0x80000106, KEY_PAIR_GEN: 0x80008001, SIGN_DER: 0x80008104, SIGN_RAW: 0x80008105, SM3_SM2_RAW: 0x80008102, SM3_SM2_DER: 0x80008103,
  ENCRYPT_RAW: 0x80008200, ENCRYPT_DER: 0x80008201, SM3: 0x80009001, SM4_KEY_GEN: 0x80000107, SM4_ECB: 0x80000108, SM4_CBC: 0x80000109, SM4_CBC_PAD: 0x8000a102, UNWRAP_ENVELOPED: 0x80008f01,
} as const;

export class Pkcs11World {
  readonly pkcs11: PKCS11 = new P.PKCS11();
  slot!: Handle;
  session!: Handle;
  mechanisms: ReadonlySet<number> = new Set();
  token!: PreparedToken;
  readonly library: LibraryUnderTest;

  constructor(library: LibraryUnderTest) {
    this.library = library;
  }

  async open(): Promise<void> {
    this.token = await this.library.prepare();
    Object.assign(process.env, this.token.env);
    this.pkcs11.load(this.token.path);
    this.pkcs11.C_Initialize();
    this.start();
  }

  /** First slot with an initialized token, a read-write session, logged in. */
  start(): void {
    const CKF_TOKEN_INITIALIZED = 0x400;
    const slot = this.pkcs11.C_GetSlotList(true).find((one) => (this.pkcs11.C_GetTokenInfo(one).flags & CKF_TOKEN_INITIALIZED) !== 0);
    if (slot === undefined) throw new Error('no token');
    this.slot = slot;
    this.mechanisms = new Set(this.pkcs11.C_GetMechanismList(slot).map((type) => type >>> 0));
    this.session = this.openSession();
    this.pkcs11.C_Login(this.session, P.CKU_USER, this.token.userPin);
  }

  openSession(readWrite = true): Handle {
    return this.pkcs11.C_OpenSession(this.slot, P.CKF_SERIAL_SESSION | (readWrite ? P.CKF_RW_SESSION : 0));
  }

  async close(): Promise<void> {
    this.pkcs11.C_Finalize();
    this.pkcs11.close();
    await this.token.dispose();
  }

  /** Skips the check, with the reason, when the library lists not all of these mechanisms. */
  needs(context: TestContext, ...mechanisms: number[]): void {
    const missing = mechanisms.filter((type) => !this.mechanisms.has(type >>> 0));
    context.skip(missing.length > 0, `${this.library.name} lists no mechanism ${missing.map((type) => `0x${(type >>> 0).toString(16)}`).join(', ')}`);
  }

  /** Skips the check when the library is known to do this otherwise, or has no administrator PIN to spend. */
  needsStandard(context: TestContext, deviation: string): void {
    const known = this.library.knownDeviations[deviation];
    context.skip(known !== undefined, known);
    context.skip(this.token.soPin === null, `${this.library.name}: the key must not be locked or erased`);
  }

  attribute(object: Handle, type: number): Buffer {
    const [value] = this.pkcs11.C_GetAttributeValue(this.session, object, [{ type }]);
    return value?.value as Buffer;
  }

  find(template: Template): Handle[] {
    this.pkcs11.C_FindObjectsInit(this.session, template);
    const found = this.pkcs11.C_FindObjects(this.session, 100);
    this.pkcs11.C_FindObjectsFinal(this.session);
    return found;
  }

  rsaPair(id: string, extra: { publicKey?: Template; privateKey?: Template } = {}): { publicKey: Handle; privateKey: Handle } {
    const common: Template = [{ type: P.CKA_TOKEN, value: true }, { type: P.CKA_ID, value: Buffer.from(id) }, { type: P.CKA_LABEL, value: id }];
    return this.pkcs11.C_GenerateKeyPair(this.session, { mechanism: P.CKM_RSA_PKCS_KEY_PAIR_GEN },
      [...common, { type: P.CKA_MODULUS_BITS, value: 2048 }, { type: P.CKA_PUBLIC_EXPONENT, value: Buffer.from([1, 0, 1]) }, { type: P.CKA_VERIFY, value: true }, { type: P.CKA_ENCRYPT, value: true }, { type: P.CKA_WRAP, value: true }, ...(extra.publicKey ?? [])],
      [...common, { type: P.CKA_PRIVATE, value: true }, { type: P.CKA_SENSITIVE, value: true }, { type: P.CKA_EXTRACTABLE, value: false }, { type: P.CKA_SIGN, value: true }, { type: P.CKA_DECRYPT, value: true }, { type: P.CKA_UNWRAP, value: true }, ...(extra.privateKey ?? [])]);
  }

  sm2Pair(id: string): { publicKey: Handle; privateKey: Handle } {
    const common: Template = [{ type: P.CKA_TOKEN, value: true }, { type: P.CKA_ID, value: Buffer.from(id) }];
    return this.pkcs11.C_GenerateKeyPair(this.session, { mechanism: SM2.KEY_PAIR_GEN }, common,
      [...common, { type: P.CKA_PRIVATE, value: true }, { type: P.CKA_SENSITIVE, value: true }, { type: P.CKA_EXTRACTABLE, value: false }, { type: P.CKA_SIGN, value: true }, { type: P.CKA_UNWRAP, value: true }]);
  }

  sign(mechanism: Mechanism, key: Handle, data: Buffer): Buffer {
    this.pkcs11.C_SignInit(this.session, mechanism, key);
    return this.pkcs11.C_Sign(this.session, data, Buffer.alloc(1024));
  }

  verifies(mechanism: Mechanism, key: Handle, data: Buffer, signature: Buffer): boolean {
    this.pkcs11.C_VerifyInit(this.session, mechanism, key);
    try {
      return this.pkcs11.C_Verify(this.session, data, signature);
    } catch (refused) {
      if (isCode(refused, P.CKR_SIGNATURE_INVALID) || isCode(refused, P.CKR_SIGNATURE_LEN_RANGE)) return false;
      throw refused;
    }
  }

  encrypt(mechanism: Mechanism, key: Handle, data: Buffer): Buffer {
    this.pkcs11.C_EncryptInit(this.session, mechanism, key);
    return this.pkcs11.C_Encrypt(this.session, data, Buffer.alloc(data.length + 1024));
  }

  decrypt(mechanism: Mechanism, key: Handle, data: Buffer): Buffer {
    this.pkcs11.C_DecryptInit(this.session, mechanism, key);
    return this.pkcs11.C_Decrypt(this.session, data, Buffer.alloc(data.length + 1024));
  }

  digest(mechanism: number, data: Buffer): Buffer {
    this.pkcs11.C_DigestInit(this.session, { mechanism });
    return this.pkcs11.C_Digest(this.session, data, Buffer.alloc(128));
  }
}

/** pkcs11js tells the return value in `code`, or, from some functions, at the end of the message only. @returns null for an error that is none of the driver's */
function driverCode(thrown: unknown): number | null {
  if (thrown instanceof P.Pkcs11Error) return thrown.code;
  const [, code] = thrown instanceof Error ? /^CKR_\w+:(\d+)$/.exec(thrown.message) ?? [] : [];
  return code === undefined ? null : Number(code);
}

const isCode = (thrown: unknown, code: number): boolean => driverCode(thrown) === code;

/** The return value that a call ends with; 0 when it ends well. */
export function codeOf(call: () => unknown): number {
  try {
    call();
    return 0;
  } catch (thrown) {
    const code = driverCode(thrown);
    if (code !== null) return code;
    throw thrown;
  }
}

/** Runs a chapter of checks against every library that is there. */
export function describePkcs11(chapter: string, checks: (world: Pkcs11World) => void): void {
  for (const library of PKCS11_LIBRARIES) {
    describe.skipIf(library.missing !== null)(`${chapter}: ${library.name}${library.missing === null ? '' : ` (${library.missing})`}`, () => {
      const world = new Pkcs11World(library);
      beforeAll(() => world.open());
      afterAll(() => world.close());
      checks(world);
    });
  }
}
