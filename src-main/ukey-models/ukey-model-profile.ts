/**
 * Profile of a UKey model: everything that BidKey knows of a model, as data. One JSON file per model in resources/ukey-models, a picture beside it.
 * Facts without a public source stay empty: a wrong library name or number does more harm than none (resources/ukey-models/README.md).
 */
import { Type, strictObject, Nullable, type Static } from '#shared/contract/schema.ts';
import { PinRules, UnlockWay } from '#shared/contract/desktop/tokens.ts';

export const TokenInterface = Type.Union([Type.Literal('pkcs11'), Type.Literal('skf')]);
export type TokenInterface = Static<typeof TokenInterface>;

export const Platform = Type.Union([Type.Literal('linux'), Type.Literal('win32'), Type.Literal('darwin')]);
/** Names as Node's `process.arch` gives them. */
export const Processor = Type.Union([Type.Literal('x64'), Type.Literal('ia32'), Type.Literal('arm64'), Type.Literal('loong64'), Type.Literal('mips64el')]);
export type Processor = Static<typeof Processor>;

const Hex32 = (description: string) => Type.String({ pattern: '^0x[0-9a-f]{8}$', description });

/** Where the driver library may be. Bare names are looked for in the library folders of the platform. */
export const LibraryPlace = strictObject({
  interface: TokenInterface,
  platform: Platform,
  processors: Type.Array(Processor, { minItems: 1 }),
  paths: Type.Array(Type.String({ minLength: 1, maxLength: 512 }), { minItems: 1 }),
});
export type LibraryPlace = Static<typeof LibraryPlace>;

/** Strings of CK_TOKEN_INFO or DEVINFO, trimmed; `*` stands for any run of characters, letter case does not matter. */
export const MatchPattern = strictObject({ manufacturer: Type.String({ minLength: 1, maxLength: 64 }), model: Type.String({ minLength: 1, maxLength: 64 }) });
export type MatchPattern = Static<typeof MatchPattern>;

/** Numbers of the SM2 mechanisms, which no standard fixes. Null: the model is not known to have that one. */
export const Sm2Mechanisms = strictObject({
  family: Type.String({ maxLength: 64, description: 'where the numbers come from' }),
  keyType: Hex32('CKK of an SM2 key'),
  generateKeyPair: Hex32('CKM: key pair'),
  signDigest: Nullable(Hex32('CKM: sign a 32-byte digest e')),
  signSm3: Nullable(Hex32('CKM: digest with SM3 and sign')),
  encrypt: Nullable(Hex32('CKM: encrypt and decrypt')),
  unwrapEnveloped: Nullable(Hex32('CKM: open an SM2EnvelopedKey inside the token')),
  signatureForm: Type.Union([Type.Literal('raw'), Type.Literal('der'), Type.Literal('unknown')], { description: 'r‖s, or SEQUENCE of two INTEGERs' }),
});
export type Sm2Mechanisms = Static<typeof Sm2Mechanisms>;

/** RSA over PKCS#11: tried in the order given, a mechanism that is not listed is not used. */
export const RsaMechanisms = strictObject({
  sign: Type.Array(Type.Union([Type.Literal('CKM_SHA256_RSA_PKCS'), Type.Literal('CKM_RSA_PKCS')]), { minItems: 1 }),
  decrypt: Type.Array(Type.Literal('CKM_RSA_PKCS_OAEP'), { minItems: 1 }),
  unwrapPrivateKey: Type.Array(Type.Literal('CKM_AES_KEY_WRAP_PAD'), { description: 'empty: the model cannot take an enveloped RSA key' }),
});
export type RsaMechanisms = Static<typeof RsaMechanisms>;

/** How a locked user PIN is set anew over one interface, and what a person has to be told about it. */
export const UnlockByInterface = strictObject({ interface: TokenInterface, ...UnlockWay.properties });
export type UnlockByInterface = Static<typeof UnlockByInterface>;

/** What fits on a key, where it is known; drivers tell free bytes at best, and not what a pair takes. */
export const KeyRoom = strictObject({
  maxContainers: Nullable(Type.Integer({ minimum: 1, maximum: 999 })),
  /** Two keys and their certificates, on the safe side. */
  pairBytes: Nullable(strictObject({ 'rsa-2048': Type.Integer({ minimum: 1 }), sm2: Type.Integer({ minimum: 1 }) })),
});
export type KeyRoom = Static<typeof KeyRoom>;

export const UkeyModelProfile = strictObject({
  id: Type.String({ pattern: '^[a-z0-9-]{1,64}$' }),
  nameZh: Type.String({ minLength: 1, maxLength: 64 }), nameEn: Type.String({ minLength: 1, maxLength: 64 }),
  vendorZh: Type.String({ minLength: 1, maxLength: 64 }), vendorEn: Type.String({ minLength: 1, maxLength: 64 }),
  picture: Type.String({ pattern: '^[a-z0-9-]{1,64}\\.svg$' }),
  software: Type.Boolean({ description: 'keys are files, not hardware' }),
  interfaces: Type.Array(TokenInterface, { minItems: 1, uniqueItems: true }),
  libraries: Type.Array(LibraryPlace),
  match: Type.Array(MatchPattern, { description: 'empty: strings of this model are not public; the driver decides' }),
  usbIds: Type.Array(Type.String({ pattern: '^[0-9a-f]{4}:[0-9a-f]{4}$' }), { description: 'vendor:product' }),
  rsa: Nullable(RsaMechanisms),
  sm2: Nullable(Sm2Mechanisms),
  /** SGD_SM2_1 values for SKF_GenECCKeyPair in the order to try: the deployed headers disagree. */
  sgdSm2Sign: Type.Array(Hex32('SGD_SM2_1')),
  /** Application names of this model, the likeliest first; a key with one application needs none. */
  skfApplications: Type.Array(Type.String({ minLength: 1, maxLength: 32 })),
  /** One row for each interface: what unlocks a PIN depends on the calls that there are. */
  unlock: Type.Array(UnlockByInterface, { minItems: 1 }),
  pinRules: PinRules,
  maxPinTries: Nullable(Type.Integer({ minimum: 1, maximum: 99 })),
  /** PINs that keys of this model are handed out with, by public material. Refused as a new PIN, and a login with one asks for a change; never tried. */
  defaultUserPins: Type.Array(Type.String({ pattern: '^[\\x21-\\x7e]{1,32}$' }), { uniqueItems: true }),
  room: KeyRoom,
  /** Interfaces over which a key of this model takes another label. */
  canRename: Type.Array(TokenInterface, { uniqueItems: true }),
  rescan: Type.Union([
    Type.Literal('poll'),
    Type.Literal('reinitialise-when-idle'),
    Type.Literal('restart'),
  ], { description: 'how plugging is noticed: the slot list tells; only after C_Initialize, which is cheap; only in a new process' }),
  hideUninitialised: Type.Boolean({ description: 'the driver always reports one empty token, which is no key' }),
  sources: Type.Array(Type.String({ maxLength: 256 }), { minItems: 1, description: 'where the facts come from' }),
}, { $id: 'UkeyModelProfile' });
export type UkeyModelProfile = Static<typeof UkeyModelProfile>;
