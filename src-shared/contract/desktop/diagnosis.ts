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

export const SEVERITIES = ['problem', 'warning', 'note', 'good'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Every code: which part finds it, and how serious it is. */
export const DIAGNOSIS_CODES = {
  SYSTEM: ['system', 'note'],
  CA_NOT_SET: ['service', 'warning'], CA_REACHABLE: ['service', 'good'], CA_AWAY: ['service', 'problem'], CA_TLS: ['service', 'problem'], CA_CHAIN_INVALID: ['service', 'problem'],
  CLOCK_RIGHT: ['service', 'good'], CLOCK_OFF: ['service', 'problem'],
  DRIVER_LOADS: ['drivers', 'good'], DRIVER_ABSENT: ['drivers', 'note'], DRIVER_MISSING_FOR_PLUGGED: ['drivers', 'problem'], DRIVER_OTHER_PROCESSOR: ['drivers', 'problem'], DRIVER_NO_LIBRARY: ['drivers', 'problem'],
  DRIVER_CUT_OFF: ['drivers', 'problem'], DRIVER_DAMAGED: ['drivers', 'problem'], DRIVER_NEEDS_LIBRARIES: ['drivers', 'problem'], DRIVER_NEEDS_NEWER_SYSTEM: ['drivers', 'problem'], DRIVER_NEEDS_PCSCD: ['drivers', 'problem'],
  DRIVER_WRONG_INTERFACE: ['drivers', 'problem'], DRIVER_REFUSES: ['drivers', 'problem'], DRIVER_HANGS: ['drivers', 'problem'], DRIVER_CRASHES: ['drivers', 'problem'], DRIVER_NOT_TRIED: ['drivers', 'note'],
  DRIVER_REGISTERED: ['drivers', 'note'], DRIVER_REGISTERED_MISSING: ['drivers', 'warning'],
  DEVICE_SEEN: ['devices', 'good'], DEVICE_UNKNOWN: ['devices', 'note'], DEVICE_NO_PERMISSION: ['devices', 'problem'], DEVICE_HELD: ['devices', 'warning'], DEVICE_HELD_BY_PCSCD: ['devices', 'note'], LIBRARY_HELD: ['devices', 'warning'],
  PROCESSES_UNREADABLE: ['devices', 'note'], PCSCD_RUNS: ['devices', 'good'], PCSCD_STOPPED: ['devices', 'warning'], PCSCD_ABSENT: ['devices', 'note'],
  SMART_CARD_SERVICE_RUNS: ['devices', 'good'], SMART_CARD_SERVICE_STOPPED: ['devices', 'warning'], DEVICES_NOT_LOOKED_AT: ['devices', 'note'],
  KEY_SEEN: ['keys', 'good'], NO_KEY: ['keys', 'warning'], KEY_PIN_LOCKED: ['keys', 'problem'], KEY_PIN_LOW: ['keys', 'warning'], KEY_NOT_INITIALISED: ['keys', 'problem'], KEY_DEFAULT_PIN: ['keys', 'warning'], KEY_EMPTY: ['keys', 'note'], KEY_NO_MODEL: ['keys', 'warning'],
  CERTIFICATE_VALID: ['keys', 'good'], CERTIFICATE_EXPIRED: ['keys', 'problem'], CERTIFICATE_NOT_YET: ['keys', 'problem'], CERTIFICATE_ENDS_SOON: ['keys', 'warning'], CERTIFICATE_REVOKED: ['keys', 'problem'],
  CERTIFICATE_UNTRUSTED: ['keys', 'problem'], CERTIFICATE_OTHER_CA: ['keys', 'note'], CERTIFICATE_NOT_CHECKED: ['keys', 'warning'], CERTIFICATE_NO_KEY: ['keys', 'problem'],
  USE_WORKS: ['use', 'good'], USE_SIGN_FAILS: ['use', 'problem'], USE_DECRYPT_FAILS: ['use', 'problem'], USE_PIN_REFUSED: ['use', 'problem'], USE_KEY_AWAY: ['use', 'problem'], USE_NO_KEYS: ['use', 'warning'],
} as const satisfies Readonly<Record<string, readonly [DiagnosisArea, Severity]>>;
export type DiagnosisCode = keyof typeof DIAGNOSIS_CODES;

export const Finding = strictObject(
  {
    id: Type.String({ maxLength: 300, description: 'the same in every run: code and what it is about' }),
    code: Type.Union((Object.keys(DIAGNOSIS_CODES) as DiagnosisCode[]).map((name) => Type.Literal(name))),
    area: DiagnosisArea,
    severity: Type.Union(SEVERITIES.map((name) => Type.Literal(name))),
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
