/** The desktop contract: every call between screens and engine by name, and the events that the engine sends. */
import { Nullable, Secret, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { Account } from '../rest/accounts.ts';
import { PendingWriting } from '../rest/orders.ts';
import { ServiceInfo } from '../rest/service.ts';
import { authorityCalls } from './authorities.ts';
import { bindingCalls } from './bindings.ts';
import { fileCalls } from './bid-files.ts';
import { BidWork, bidCalls } from './bids.ts';
import { call, type CallInput, type CallOutput } from './call.ts';
import { Deed, deedCalls } from './deeds.ts';
import { diagnosisCalls, Diagnosis, Finding } from './diagnosis.ts';
import { keyOverviewCalls } from './key-overview.ts';
import { ledgerCalls, LedgerReminder } from './ledger.ts';
import { Opening, openingCalls } from './openings.ts';
import { requestCalls, SessionKey } from './requests.ts';
import { rewrapCalls } from './rewraps.ts';
import { tenderUpdateCalls } from './tender-updates.ts';
import { tenderCalls } from './tenders.ts';
import { TokenList, tokenCalls } from './tokens.ts';

export const Language = Type.Union([Type.Literal('zh-CN'), Type.Literal('en-US')]);
export type Language = Static<typeof Language>;

/** A driver that the person added: a PKCS#11 library by path. */
export const ExtraDriver = strictObject({ id: Type.String({ pattern: '^[a-z0-9-]{1,64}$' }), modelId: Type.String({ maxLength: 64 }), libraryPath: Type.String({ minLength: 1, maxLength: 1024 }) });
export const Settings = strictObject(
  { caBaseUrl: Nullable(Type.String({ maxLength: 512, pattern: '^https?://[^\\s]+$' })), language: Language, extraDrivers: Type.Array(ExtraDriver, { maxItems: 20 }), keptDefaultPins: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 1000, description: 'serial numbers of keys whose PIN the person knowingly left as it was handed out' })) },
  { $id: 'Settings' },
);
export type Settings = Static<typeof Settings>;

export const AppInfo = strictObject(
  {
    version: Type.String(), shell: Type.Union([Type.Literal('electron'), Type.Literal('local'), Type.Literal('cli')]), platform: Type.String(), processor: Type.String(),
    demo: Type.Boolean({ description: 'runs with the embedded demo CA and demo keys' }),
    caBaseUrl: Nullable(Type.String()), dataFolder: Type.String(),
    /** What went wrong at the start without stopping it: a damaged journal or settings file that was set aside. */
    notices: Type.Optional(Type.Array(strictObject({ code: Type.String(), details: Type.Record(Type.String(), Type.Unknown()) }))),
  },
  { $id: 'AppInfo' },
);
export type AppInfo = Static<typeof AppInfo>;

export const CaStatus = strictObject({ reachable: Type.Boolean(), info: Nullable(ServiceInfo), clockOffsetSeconds: Nullable(Type.Number()), errorCode: Nullable(Type.String()) }, { $id: 'CaStatus' });
export type CaStatus = Static<typeof CaStatus>;

export const DESKTOP_CONTRACT = {
  'app.info': call({ summary: 'What runs here', input: null, output: AppInfo }),
  'app.caStatus': call({ summary: 'Ask the CA service who it is; clock offset against it', input: null, output: CaStatus }),
  'app.report': call({
    summary: 'A report for support, without secrets',
    input: strictObject({ errorCode: Nullable(Type.String({ maxLength: 64 })), traceId: Nullable(Type.String({ maxLength: 64 })), page: Type.String({ maxLength: 200 }) }),
    output: strictObject({ text: Type.String(), createdAtUtc: UtcTime('when made') }),
  }),
  'settings.get': call({ summary: 'Settings', input: null, output: Settings }),
  'settings.update': call({ summary: 'Change settings; absent fields stay', input: Type.Partial(Settings, { additionalProperties: false, $id: 'SettingsChange' }), output: Settings }),
  'session.get': call({ summary: 'The signed-in account, or null', input: null, output: Nullable(Account) }),
  'session.logIn': call({ summary: 'Log in to the CA service', input: strictObject({ loginName: Type.String({ minLength: 1, maxLength: 64 }), password: Secret(128, 'password') }), output: Account }),
  'session.logOut': call({ summary: 'Log out', input: null, output: null }),
  'orders.listPendingWritings': call({ summary: '待制作证书', input: strictObject({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })), after: Type.Optional(Type.String({ maxLength: 200 })) }), output: strictObject({ items: Type.Array(PendingWriting), next: Nullable(Type.String()) }) }),
  ...tokenCalls,
  ...keyOverviewCalls,
  ...requestCalls,
  ...bindingCalls,
  ...deedCalls,
  ...fileCalls,
  ...bidCalls,
  ...rewrapCalls,
  ...authorityCalls,
  ...openingCalls,
  ...tenderCalls,
  ...tenderUpdateCalls,
  ...ledgerCalls,
  ...diagnosisCalls,
} as const;

export type DesktopContract = typeof DESKTOP_CONTRACT;
export type DesktopMethod = keyof DesktopContract;
/** As tables, so that the compiler works out one row at a time (a conditional type over all of them is too deep for it). */
type DesktopInputs = { [N in DesktopMethod]: CallInput<DesktopContract[N]> };
type DesktopOutputs = { [N in DesktopMethod]: CallOutput<DesktopContract[N]> };
export type DesktopInput<M extends DesktopMethod> = DesktopInputs[M];
export type DesktopOutput<M extends DesktopMethod> = DesktopOutputs[M];

/** Events from engine to screens. They only say what changed; the data in them is complete, so that a late screen can start from any. */
export const DESKTOP_EVENTS = {
  'tokens.changed': TokenList,
  'deed.changed': Deed,
  'session.changed': strictObject({ account: Nullable(Account), key: Type.Optional(Nullable(SessionKey)) }),
  /** Bids were added or changed: ask anew. */
  'ledger.changed': strictObject({ toOpen: Type.Integer({ minimum: 0 }) }),
  /** Rehearsals that are due now. */
  'ledger.due': strictObject({ reminders: Type.Array(LedgerReminder) }),
  'diagnosis.found': strictObject({ finding: Finding }),
  /** It entered another part, or ended. */
  'diagnosis.changed': Diagnosis,
  'work.changed': BidWork,
  'opening.changed': Opening,
} as const;
export type DesktopEventName = keyof typeof DESKTOP_EVENTS;
export type DesktopEvent = { [N in DesktopEventName]: { readonly name: N; readonly data: Static<(typeof DESKTOP_EVENTS)[N]> } }[DesktopEventName];

/** What every shell offers to whoever sits in front of it: one function to call, one to listen. */
export interface DesktopEngine {
  call<M extends DesktopMethod>(method: M, input: DesktopInput<M>): Promise<DesktopOutput<M>>;
  /** @returns stops listening */
  onEvent(listener: (event: DesktopEvent) => void): () => void;
}
