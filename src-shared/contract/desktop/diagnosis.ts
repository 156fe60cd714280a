/**
 * Diagnosis: why a key does not work here. Findings are data: a code with facts; title, cause and next step of each code stand in
 * resources/locales/<language>/diagnosis.json, where `{{name}}` is the fact of that name.
 */
import { Nullable, Secret, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { call } from './call.ts';
import { TokenRef } from './tokens.ts';

/** Parts of the diagnosis, in the order in which they run. */
export const DIAGNOSIS_AREAS = ['system', 'service', 'drivers', 'devices', 'keys', 'use'] as const;
export const DiagnosisArea = Type.Union(DIAGNOSIS_AREAS.map((name) => Type.Literal(name)));
export type DiagnosisArea = (typeof DIAGNOSIS_AREAS)[number];

/** Every code, with the area that finds it. */
export const DIAGNOSIS_CODES = {
  SYSTEM: 'system', LAPTOP_CLOCK_UNKNOWN: 'system',
  CA_NOT_SET: 'service', CA_REACHABLE: 'service', CA_AWAY: 'service', CA_TLS: 'service', CLOCK_RIGHT: 'service', CLOCK_OFF: 'service',
  DRIVER_LOADS: 'drivers', DRIVER_ABSENT: 'drivers', DRIVER_MISSING_FOR_PLUGGED: 'drivers', DRIVER_OTHER_PROCESSOR: 'drivers', DRIVER_NO_LIBRARY: 'drivers', DRIVER_CUT_OFF: 'drivers',
  DRIVER_NEEDS_LIBRARIES: 'drivers', DRIVER_NEEDS_NEWER_SYSTEM: 'drivers', DRIVER_NEEDS_PCSCD: 'drivers', DRIVER_WRONG_INTERFACE: 'drivers', DRIVER_REFUSES: 'drivers', DRIVER_HANGS: 'drivers', DRIVER_CRASHES: 'drivers',
  DRIVER_NOT_TRIED: 'drivers',
  DEVICE_SEEN: 'devices', DEVICE_UNKNOWN_READER: 'devices', DEVICE_NO_PERMISSION: 'devices', DEVICE_HELD: 'devices', LIBRARY_HELD: 'devices', PCSCD_RUNS: 'devices', PCSCD_STOPPED: 'devices', PCSCD_ABSENT: 'devices',
  SMART_CARD_SERVICE: 'devices', SMART_CARD_SERVICE_STOPPED: 'devices', DEVICES_NOT_LOOKED_AT: 'devices',
  KEY_SEEN: 'keys', NO_KEY: 'keys', KEY_PIN_LOCKED: 'keys', KEY_PIN_LOW: 'keys', KEY_NOT_INITIALISED: 'keys', KEY_EMPTY: 'keys', KEY_NO_MODEL: 'keys',
  CERTIFICATE_VALID: 'keys', CERTIFICATE_EXPIRED: 'keys', CERTIFICATE_NOT_YET: 'keys', CERTIFICATE_ENDS_SOON: 'keys', CERTIFICATE_REVOKED: 'keys', CERTIFICATE_UNTRUSTED: 'keys', CERTIFICATE_NOT_CHECKED: 'keys', CERTIFICATE_NO_KEY: 'keys',
  USE_WORKS: 'use', USE_SIGN_FAILS: 'use', USE_DECRYPT_FAILS: 'use', USE_PIN_REFUSED: 'use', USE_KEY_AWAY: 'use', USE_NO_PAIR: 'use',
} as const satisfies Readonly<Record<string, DiagnosisArea>>;
export type DiagnosisCode = keyof typeof DIAGNOSIS_CODES;

export const Finding = strictObject(
  {
    id: Type.String({ maxLength: 300, description: 'the same in every run: code and what it is about' }),
    code: Type.Union((Object.keys(DIAGNOSIS_CODES) as DiagnosisCode[]).map((name) => Type.Literal(name))),
    area: DiagnosisArea,
    severity: Type.Union([Type.Literal('good'), Type.Literal('note'), Type.Literal('warning'), Type.Literal('problem')]),
    facts: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null(), Type.Array(Type.String())])),
  },
  { $id: 'Finding' },
);
export type Finding = Static<typeof Finding>;

export const Diagnosis = strictObject(
  {
    running: Type.Boolean(),
    area: Nullable(DiagnosisArea),
    findings: Type.Array(Finding),
    startedAtUtc: UtcTime('when begun'),
    endedAtUtc: Nullable(UtcTime('when done')),
  },
  { $id: 'Diagnosis' },
);
export type Diagnosis = Static<typeof Diagnosis>;

export const diagnosisCalls = {
  'diagnosis.run': call({
    summary: 'Look at everything that a key needs; findings also come as events. With a PIN one key is tried by use: a signature and a decryption',
    input: strictObject({ use: Type.Optional(strictObject({ token: TokenRef, pin: Secret(64, 'user PIN'), confirmedFewTries: Type.Optional(Type.Boolean()) })) }),
    output: Diagnosis,
  }),
  'diagnosis.get': call({ summary: 'The newest diagnosis, or null', input: null, output: Nullable(Diagnosis) }),
  'diagnosis.export': call({
    summary: 'The newest diagnosis as a text for support, without names, serial numbers or secrets',
    input: null,
    output: strictObject({ fileName: Type.String(), text: Type.String() }),
  }),
} as const;
