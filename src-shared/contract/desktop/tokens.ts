/** Keys as screens see them. */
import { Hex, Nullable, Secret, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { KeyAlgorithm } from '../rest/orders.ts';
import { call } from './call.ts';

export const TokenRef = strictObject(
  { driverId: Type.String({ maxLength: 64, description: 'which driver reports the key' }), serial: Type.String({ maxLength: 64 }) },
  { $id: 'TokenRef' },
);
export type TokenRef = Static<typeof TokenRef>;

/** `triesLeft` is null when the driver only gives hints; `low`: at least one wrong try; `final-try`: the next wrong one locks. */
export const PinState = strictObject(
  {
    status: Type.Union([Type.Literal('ok'), Type.Literal('low'), Type.Literal('final-try'), Type.Literal('locked'), Type.Literal('not-initialised'), Type.Literal('unknown')]),
    triesLeft: Nullable(Type.Integer({ minimum: 0 })),
    maxTries: Nullable(Type.Integer({ minimum: 1 })),
    mustChange: Type.Boolean({ description: 'the driver asks for a change before first use' }),
  },
  { $id: 'PinState' },
);
export type PinState = Static<typeof PinState>;

export const TokenCertificate = strictObject(
  {
    containerId: Type.String({ maxLength: 128 }),
    purpose: Type.Union([Type.Literal('sign'), Type.Literal('encrypt'), Type.Literal('other')]),
    subjectCommonName: Type.String(),
    subject: Type.String({ description: 'RFC 4514 form' }),
    issuer: Type.String({ description: 'RFC 4514 form' }),
    issuerCommonName: Type.String(),
    serialHex: Type.String(),
    notBeforeUtc: UtcTime('valid from'),
    notAfterUtc: UtcTime('valid to'),
    sha256Hex: Hex(64, 'fingerprint'),
    keyAlgorithm: Type.String({ description: 'rsa-2048, sm2, …' }),
    hasPrivateKey: Nullable(Type.Boolean({ description: 'null: not known before login' })),
    certificateDer: Type.String({ description: 'base64' }),
  },
  { $id: 'TokenCertificate' },
);
export type TokenCertificate = Static<typeof TokenCertificate>;

/** How a locked user PIN is set anew on keys of a model, and what a person has to be told about it. */
export const UnlockWay = strictObject(
  {
    strategy: Type.Union([Type.Literal('so-init-pin'), Type.Literal('skf-unblock'), Type.Literal('puk'), Type.Literal('vendor-challenge'), Type.Literal('none')], {
      description: 'so-init-pin, skf-unblock: here, with the administrator PIN; puk: with the unblocking code of the key, which the person has; vendor-challenge: only with the maker’s or issuer’s tool; none: no way is known',
    }),
    noteZh: Type.String({ minLength: 1, maxLength: 200 }), noteEn: Type.String({ minLength: 1, maxLength: 300 }),
  },
  { $id: 'UnlockWay' },
);
export type UnlockWay = Static<typeof UnlockWay>;

export const TokenSummary = strictObject(
  {
    ref: TokenRef,
    modelId: Nullable(Type.String({ description: 'matching model profile; null when none matches' })),
    label: Type.String(),
    manufacturer: Type.String(),
    hardwareModel: Type.String({ description: 'model as the driver names it' }),
    demo: Type.Boolean({ description: 'software key made by the demo' }),
    pin: PinState,
    certificates: Type.Array(TokenCertificate),
    freeBytes: Nullable(Type.Integer({ minimum: 0 })),
    keyAlgorithms: Type.Optional(Type.Array(KeyAlgorithm, { description: 'what its driver can make keys of, as far as the model is known; absent: not known' })),
    unlock: Type.Optional(UnlockWay),
    opensRsa: Type.Optional(Type.Boolean({ description: 'false: its driver has no call that opens what RSA-OAEP sealed, so that bids for its RSA certificates can never be opened through it; absent: nothing is in the way' })),
    canRename: Type.Optional(Type.Boolean({ description: 'the driver can give the key another label' })),
    defaultPin: Type.Optional(Type.Union([Type.Literal('change-it'), Type.Literal('kept')], { description: 'the last login was with a PIN that keys of the model are handed out with; kept: the person knows and keeps it' })),
  },
  { $id: 'TokenSummary' },
);
export type TokenSummary = Static<typeof TokenSummary>;

export const DriverState = strictObject(
  {
    driverId: Type.String(),
    modelId: Type.String(),
    libraryPath: Nullable(Type.String()),
    status: Type.Union([Type.Literal('ready'), Type.Literal('starting'), Type.Literal('missing'), Type.Literal('failed')]),
    errorCode: Nullable(Type.String({ description: 'why it is missing or failed' })),
    errorDetails: Type.Record(Type.String(), Type.Unknown()),
    restarts: Type.Integer({ minimum: 0 }),
  },
  { $id: 'DriverState' },
);
export type DriverState = Static<typeof DriverState>;

export const TokenList = strictObject({ tokens: Type.Array(TokenSummary), drivers: Type.Array(DriverState) }, { $id: 'TokenList' });
export type TokenList = Static<typeof TokenList>;

export const PinRules = strictObject(
  {
    minLength: Type.Integer(), maxLength: Type.Integer(),
    allowed: Type.String({ description: 'digits | printable' }),
    minClasses: Type.Integer({ minimum: 1, maximum: 4, description: 'how many of: lower case, upper case, digits, signs' }),
    refuseSequences: Type.Boolean({ description: '123456, 654321' }),
    refuseRepeats: Type.Boolean({ description: '111111' }),
  },
  { $id: 'PinRules' },
);
export type PinRules = Static<typeof PinRules>;

export const UkeyModel = strictObject(
  {
    id: Type.String(),
    nameZh: Type.String(), nameEn: Type.String(),
    vendorZh: Type.String(), vendorEn: Type.String(),
    pictureSvg: Type.String({ description: 'the picture itself, an SVG document without scripts' }),
    interfaces: Type.Array(Type.Union([Type.Literal('pkcs11'), Type.Literal('skf')])),
    software: Type.Boolean(),
    pinRules: PinRules,
    driverAvailable: Type.Boolean({ description: 'a library of this model was found on this machine' }),
  },
  { $id: 'UkeyModel' },
);
export type UkeyModel = Static<typeof UkeyModel>;

export const tokenCalls = {
  'ukeyModels.list': call({ summary: 'UKey models with picture and driver state', input: null, output: Type.Array(UkeyModel) }),
  'tokens.list': call({ summary: 'Plugged keys and the state of every driver', input: null, output: TokenList }),
  'tokens.rescan': call({ summary: 'Start every driver again and list', input: null, output: TokenList }),
  'tokens.checkPin': call({ summary: 'Log in once to see whether the PIN is right', input: strictObject({ token: TokenRef, pin: Secret(64, 'user PIN'), confirmedFewTries: Type.Optional(Type.Boolean()) }), output: PinState }),
  'tokens.changePin': call({ summary: 'Change the user PIN', input: strictObject({ token: TokenRef, oldPin: Secret(64, 'user PIN'), newPin: Secret(64, 'new user PIN'), confirmedFewTries: Type.Optional(Type.Boolean()) }), output: PinState }),
  'tokens.renameLabel': call({ summary: 'Give the key another name', input: strictObject({ token: TokenRef, label: Type.String({ minLength: 1, maxLength: 32, pattern: '^[^\\x00-\\x1f\\x7f]+$' }) }), output: Type.Null() }),
} as const;
