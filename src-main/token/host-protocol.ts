/**
 * The protocol between the token host client and a host process: every call by name with the schemas of both directions and its time limit.
 * Both sides check what they get: the host runs foreign code, so its answers are input like any other. Byte strings travel as Uint8Array.
 */
import { Nullable, Type, strictObject, type Static, type TSchema } from '#shared/contract/schema.ts';
import { PinState, UnlockWay } from '#shared/contract/desktop/tokens.ts';
import { KeyRoom, RsaMechanisms, Sm2Mechanisms, TokenInterface, UkeyModelProfile } from '../ukey-models/ukey-model-profile.ts';

const Bytes = (maxByteLength: number) => Type.Uint8Array({ maxByteLength });
const KeyId = Type.String({ maxLength: 160, pattern: '^(?:[0-9a-f]{32}|id:(?:[0-9a-f]{2}){0,60})$', description: '32 hex digits for containers that BidKey made, else `id:` and the CKA_ID or the container name in hex' });
const SessionId = Type.Integer({ minimum: 1 });
const Purpose = Type.Union([Type.Literal('sign'), Type.Literal('encrypt')]);
/** A PIN. Wiped by whoever received it, after its one use. */
const Pin = Bytes(64);
const Nothing = Type.Null();
const Serial = Type.String({ maxLength: 64 });
/** Name of a device in SKF, as bytes. */
const Device = Bytes(512);
const OfKey = strictObject({ serial: Serial });
/** Within what both interfaces have room for. */
const Label = Type.String({ minLength: 1, maxLength: 32 });

/** A certificate as it stands on the key, not yet parsed. `purpose` is null where only the certificate itself can tell. */
export const HostCertificate = strictObject({ containerId: Type.String({ maxLength: 160 }), purpose: Nullable(Purpose), certificateDer: Bytes(16_384), hasPrivateKey: Nullable(Type.Boolean()) });
export type HostCertificate = Static<typeof HostCertificate>;

/** How an SM2 encryption key comes: with both certificates, alone, or packed for SKF. */
export const Sm2EnvelopeForm = Type.Union([Type.Literal('csr-response'), Type.Literal('enveloped-key'), Type.Literal('key-blob')]);
export type Sm2EnvelopeForm = Static<typeof Sm2EnvelopeForm>;

export const HostToken = strictObject({
  serial: Type.String({ maxLength: 64, pattern: '^[\\x21-\\x7e]+$' }),
  label: Type.String({ maxLength: 128 }), manufacturer: Type.String({ maxLength: 128 }), hardwareModel: Type.String({ maxLength: 128 }),
  pin: PinState,
  certificates: Type.Array(HostCertificate, { maxItems: 256 }),
  freeBytes: Nullable(Type.Integer({ minimum: 0 })),
});
export type HostToken = Static<typeof HostToken>;

const HostSide = strictObject({ hasPrivateKey: Type.Boolean(), publicKeySpkiDer: Nullable(Bytes(4096)), certificateDer: Nullable(Bytes(16_384)) });
export type HostSide = Static<typeof HostSide>;
/** `sides` of a foreign container has one entry without purpose: its key may serve both. */
export const HostContainer = strictObject({ containerId: Type.String({ maxLength: 160 }), sides: Type.Array(strictObject({ purpose: Nullable(Purpose), side: HostSide }), { maxItems: 2 }) });
export type HostContainer = Static<typeof HostContainer>;

/** What the host needs to know of the model. */
export const HostProfile = strictObject({
  modelId: UkeyModelProfile.properties.id, maxPinTries: UkeyModelProfile.properties.maxPinTries, rsa: Nullable(RsaMechanisms), sm2: Nullable(Sm2Mechanisms),
  sgdSm2Sign: UkeyModelProfile.properties.sgdSm2Sign, skfApplications: UkeyModelProfile.properties.skfApplications, maxContainers: KeyRoom.properties.maxContainers,
  /** Of the interface that this host speaks. */
  unlockStrategy: UnlockWay.properties.strategy,
  rescan: UkeyModelProfile.properties.rescan, hideUninitialised: Type.Boolean(),
});
export type HostProfile = Static<typeof HostProfile>;

interface HostCall {
  readonly input: TSchema;
  readonly output: TSchema;
  /** After that the driver counts as hanging: its process is ended. Milliseconds. */
  readonly limitMs: number;
}
const call = <const C extends HostCall>(row: C): C => row;

export const HOST_CALLS = {
  open: call({ input: strictObject({ interface: TokenInterface, libraryPath: Type.String({ maxLength: 4096 }), profile: HostProfile, lentDevices: Type.Array(Device, { maxItems: 64, description: 'keys that other processes of this driver hold' }) }), output: Nothing, limitMs: 20_000 }),
  /** Keys that are plugged. `fresh`: read the certificates again instead of those remembered since plugging. */
  poll: call({ input: strictObject({ fresh: Type.Boolean() }), output: Type.Array(HostToken, { maxItems: 64 }), limitMs: 15_000 }),
  /** SKF: from now on this process leaves that key alone; `takeBack` ends it. */
  lend: call({ input: OfKey, output: strictObject({ device: Device }), limitMs: 15_000 }),
  takeBack: call({ input: strictObject({ device: Device }), output: Nothing, limitMs: 5_000 }),
  /** `device`: the key as `lend` named it; null where the driver finds it by its serial. */
  logIn: call({ input: strictObject({ serial: Serial, device: Nullable(Device), pin: Pin }), output: strictObject({ sessionId: SessionId, pin: PinState }), limitMs: 20_000 }),
  changePin: call({ input: strictObject({ serial: Serial, oldPin: Pin, newPin: Pin }), output: PinState, limitMs: 30_000 }),
  /** With the administrator PIN, as far as the model lets that be done here. */
  unblockPin: call({ input: strictObject({ serial: Serial, adminPin: Pin, newPin: Pin }), output: PinState, limitMs: 30_000 }),
  adminPinState: call({ input: OfKey, output: PinState, limitMs: 20_000 }),
  changeAdminPin: call({ input: strictObject({ serial: Serial, oldAdminPin: Pin, newAdminPin: Pin }), output: PinState, limitMs: 30_000 }),
  /** First PINs of a key that has none; making the file system of a real key may take its time. */
  initialise: call({ input: strictObject({ serial: Serial, label: Label, adminPin: Pin, userPin: Pin, deviceKey: Nullable(Bytes(64)) }), output: PinState, limitMs: 120_000 }),
  room: call({ input: OfKey, output: strictObject({ freeBytes: Nullable(Type.Integer({ minimum: 0 })), freeContainers: Nullable(Type.Integer({ minimum: 0 })) }), limitMs: 20_000 }),
  renameLabel: call({ input: strictObject({ serial: Serial, label: Label }), output: Nothing, limitMs: 20_000 }),
  listContainers: call({ input: strictObject({ sessionId: SessionId }), output: Type.Array(HostContainer, { maxItems: 512 }), limitMs: 30_000 }),
  readContainer: call({ input: strictObject({ sessionId: SessionId, containerId: KeyId }), output: Nullable(HostContainer), limitMs: 30_000 }),
  /** RSA key generation on a smart card chip may take more than half a minute. */
  generateSigningKeyPair: call({ input: strictObject({ sessionId: SessionId, containerId: KeyId, algorithm: Type.Union([Type.Literal('rsa-2048'), Type.Literal('sm2')]) }), output: strictObject({ publicKeySpkiDer: Bytes(4096) }), limitMs: 180_000 }),
  sign: call({ input: strictObject({ sessionId: SessionId, containerId: KeyId, purpose: Purpose, message: Bytes(16 * 1024 * 1024) }), output: strictObject({ signature: Bytes(1024) }), limitMs: 30_000 }),
  decrypt: call({ input: strictObject({ sessionId: SessionId, containerId: KeyId, purpose: Purpose, ciphertext: Bytes(4096) }), output: strictObject({ plaintext: Bytes(4096) }), limitMs: 30_000 }),
  importRsaEncryptionKey: call({
    input: strictObject({ sessionId: SessionId, containerId: KeyId, wrappedKeyEncryptionKey: Bytes(2048), wrappedPrivateKey: Bytes(16_384), publicKeySpkiDer: Bytes(4096) }),
    output: Nothing, limitMs: 60_000,
  }),
  importRsaKeyBlob: call({
    input: strictObject({ sessionId: SessionId, containerId: KeyId, wrappedKey: Bytes(1024), encryptedPrivateKey: Bytes(8192), publicKeySpkiDer: Bytes(4096) }),
    output: Nothing, limitMs: 60_000,
  }),
  importSm2EncryptionKey: call({ input: strictObject({ sessionId: SessionId, containerId: KeyId, form: Sm2EnvelopeForm, envelope: Bytes(32_768), publicKeySpkiDer: Bytes(4096) }), output: Nothing, limitMs: 60_000 }),
  /** The opening key of a history container has done its work; gone where the driver lets it. */
  dropOpeningKey: call({ input: strictObject({ sessionId: SessionId, containerId: KeyId }), output: Nothing, limitMs: 30_000 }),
  importCertificate: call({
    input: strictObject({ sessionId: SessionId, containerId: KeyId, purpose: Purpose, certificateDer: Bytes(16_384), subjectDer: Bytes(8192), issuerDer: Bytes(8192), serialNumberDer: Bytes(64), publicKeySpkiDer: Bytes(4096) }),
    output: Nothing, limitMs: 30_000,
  }),
  deleteContainer: call({ input: strictObject({ sessionId: SessionId, containerId: KeyId }), output: Nothing, limitMs: 30_000 }),
  logOut: call({ input: strictObject({ sessionId: SessionId }), output: Nothing, limitMs: 10_000 }),
  close: call({ input: Type.Null(), output: Nothing, limitMs: 3_000 }),
} as const;

export type HostMethod = keyof typeof HOST_CALLS;
export type HostInput<M extends HostMethod> = Static<(typeof HOST_CALLS)[M]['input']>;
export type HostOutput<M extends HostMethod> = Static<(typeof HOST_CALLS)[M]['output']>;

/** Client → host. `input` is checked by the schema of the method. */
export const HostRequest = strictObject({ id: Type.Integer({ minimum: 1 }), method: Type.Union((Object.keys(HOST_CALLS) as HostMethod[]).map((name) => Type.Literal(name))), input: Type.Unknown() });
export type HostRequest = Static<typeof HostRequest>;

/** Host → client. `result` is a Result of the shared errors; `driverMs` is the time spent inside driver functions during the call. */
export const HostReply = strictObject({
  id: Type.Integer({ minimum: 1 }),
  driverMs: Type.Number({ minimum: 0 }),
  result: Type.Union([
    strictObject({ ok: Type.Literal(true), value: Type.Unknown() }),
    strictObject({ ok: Type.Literal(false), error: strictObject({ code: Type.String(), details: Type.Record(Type.String(), Type.Unknown()), traceId: Type.Optional(Type.String()) }) }),
  ]),
});
export type HostReply = Static<typeof HostReply>;
