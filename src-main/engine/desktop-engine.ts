/**
 * The desktop engine: every method of the desktop contract, from a table. Shells call it; it knows none of them. Rule: input is checked by
 * schema, one plain function does the work, errors are AppErrors that bear a trace id of the log.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { AppInfo, DesktopEngine, DesktopEvent, DesktopInput, DesktopMethod, DesktopOutput, Settings } from '#shared/contract/desktop/desktop-contract.ts';
import type { TokenRef, UkeyModel } from '#shared/contract/desktop/tokens.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import type { BidTool } from '../bids/bid-tool.ts';
import type { RememberingTokens } from '../bids/log-in-key.ts';
import { bind } from '../bindings/bindings.ts';
import type { CaClient } from '../ca-client/ca-client.ts';
import { createDiagnosis, type DiagnosisPorts } from '../diagnosis/diagnosis.ts';
import type { DeedJournal } from '../journal/deed-record.ts';
import { watchDefaultPins } from '../keys/default-pins.ts';
import type { InspectSealedFile } from '../ledger/import-bids.ts';
import { createLedger, type Ledger } from '../ledger/ledger.ts';
import type { LedgerStore } from '../ledger/ledger-store.ts';
import type { Log } from '../report/log.ts';
import { makeReport } from '../report/make-report.ts';
import { createRequests } from '../requests/requests.ts';
import { createCaSession } from '../session/ca-session.ts';
import { accountsForKey, logInByKey } from '../session/log-in-by-key.ts';
import type { SettingsStore } from '../settings/settings-store.ts';
import type { TokenPort } from '../token/token-port.ts';
import type { CertificateTools } from '../writing/ports.ts';
import { createWriting } from '../writing/writing.ts';
import { askCaStatus } from './ca-status.ts';
import { checkInput } from './check-input.ts';
import { certificatesOfKey, escrowOf, readAnew, roomForPair, showKey } from './key-facts.ts';
import { remindWhenDue } from './remind-when-due.ts';
import { changePin, checkPin, renameLabel } from './pin-calls.ts';

export interface DesktopEngineDeps {
  readonly appInfo: Omit<AppInfo, 'caBaseUrl'>;
  readonly tokens: TokenPort;
  readonly settings: SettingsStore;
  readonly journal: DeedJournal;
  readonly ledgerStore: LedgerStore;
  /** Public part of a sealed bid. */
  readonly inspectSealedFile: InspectSealedFile;
  readonly crypto: CryptoPort;
  readonly certificates: CertificateTools;
  readonly log: Log;
  readonly now: () => Date;
  /** @throws CA_ADDRESS_INVALID, CA_ADDRESS_INSECURE */
  readonly createCaClient: (baseUrl: string) => CaClient;
  /** Address that stands above the settings for this run: the embedded CA, or a flag of the shell. */
  readonly caBaseUrlOverride: string | null;
  /** Of keys whose model or maker is known to hand them out with one; null: not known, and none is tried. */
  readonly factoryAdministratorPin: (ref: TokenRef) => string | null;
  readonly listUkeyModels: () => Promise<UkeyModel[]>;
  /** What the diagnosis reads of this machine, and how it loads a driver. */
  readonly machine: Pick<DiagnosisPorts, 'system' | 'probe' | 'models' | 'drivers'>;
  readonly openBidTool: (parts: { readonly tokens: RememberingTokens; readonly ledger: Ledger; readonly caBaseUrl: () => string | null; readonly emit: (event: DesktopEvent) => void }) => BidTool;
  /** Told when the person added or removed a driver; answers when the new drivers are in use. */
  readonly onExtraDriversChanged: (drivers: Settings['extraDrivers']) => Promise<void>;
}

type Handlers = { readonly [M in DesktopMethod]: (input: DesktopInput<M>) => Promise<DesktopOutput<M>> | DesktopOutput<M> };

export function createDesktopEngine(deps: DesktopEngineDeps): DesktopEngine & { close(): Promise<void> } {
  const { settings, log } = deps;
  const listeners = new Set<(event: DesktopEvent) => void>();
  const emit = (event: DesktopEvent) => listeners.forEach((listener) => listener(event));

  const address = () => deps.caBaseUrlOverride ?? settings.get().caBaseUrl;
  const ca = createCaConnection(address, deps.createCaClient);
  const session = createCaSession({ client: ca.client, log, onAccountChanged: (account, key) => emit({ name: 'session.changed', data: { account, key } }) });
  const pins = watchDefaultPins(deps.tokens, { read: () => settings.get().keptDefaultPins ?? [], write: (serials) => void settings.update({ keptDefaultPins: [...serials] }) }, log);
  const { tokens } = pins;
  const ledger = createLedger({
    store: deps.ledgerStore, crypto: deps.crypto, now: deps.now, inspect: deps.inspectSealedFile,
    token: (ref) => readAnew(tokens, ref), roomForPair: (token) => roomForPair(tokens, token), escrow: (certificates) => escrowOf(session, certificates), certificatesOfKey: (serial) => certificatesOfKey(session, serial),
    onChanged: () => {
      emit({ name: 'ledger.changed', data: { toOpen: deps.ledgerStore.toOpen().length } });
      reminders.look();
    },
  });
  const reminders = remindWhenDue({ read: ledger.reminders, now: deps.now, tell: (due) => emit({ name: 'ledger.due', data: { reminders: due } }) });
  const serviceOrigin = () => new URL(ca.client().baseUrl).origin;
  const keyLogin = { tokens, session, client: ca.client };
  const requests = createRequests({ ca: session.ca, tokens, ledger, now: deps.now, language: () => settings.get().language, serviceOrigin, requireAccount: session.requireAccount });
  const writing = createWriting({
    tokens, ca: session.ca, journal: deps.journal, crypto: deps.crypto, certificates: deps.certificates, log, now: deps.now,
    requireAccount: session.requireAccount, serviceOrigin, factoryAdministratorPin: deps.factoryAdministratorPin, passLedger: ledger.pass,
    onDeedChanged: (deed) => emit({ name: 'deed.changed', data: deed }),
  });
  const bids = deps.openBidTool({ tokens: { ...tokens, seenCertificates: () => ledger.store.seenCertificates() }, ledger, caBaseUrl: address, emit });
  const diagnosis = createDiagnosis({
    ...deps.machine, tokens, crypto: deps.crypto, now: deps.now, version: deps.appInfo.version, language: () => settings.get().language,
    service: { baseUrl: address, client: ca.client, askStatus: () => askCaStatus(session.ca, deps.now), crypto: deps.crypto, now: deps.now },
    busy: () => deps.journal.listUnfinished().some(({ state }) => state === 'running'),
    onFinding: (finding) => emit({ name: 'diagnosis.found', data: { finding } }),
    onChanged: (data) => emit({ name: 'diagnosis.changed', data }),
  });
  const stopTokens = tokens.onChange((list) => {
    ledger.notePlugged(list);
    emit({ name: 'tokens.changed', data: list });
  });
  writing.interruptLeftovers();

  const info = (): AppInfo => ({ ...deps.appInfo, caBaseUrl: address() });

  async function updateSettings(change: DesktopInput<'settings.update'>): Promise<Settings> {
    const before = settings.get();
    // Refused before it is kept: an address that the client will not call must not get into the file.
    if (typeof change.caBaseUrl === 'string') deps.createCaClient(change.caBaseUrl).close();
    const after = settings.update(change);
    if (after.caBaseUrl !== before.caBaseUrl && deps.caBaseUrlOverride === null) {
      session.forget();
      ca.reset();
    }
    if (JSON.stringify(after.extraDrivers) !== JSON.stringify(before.extraDrivers)) await deps.onExtraDriversChanged(after.extraDrivers);
    return after;
  }

  async function report(asked: DesktopInput<'app.report'>): Promise<DesktopOutput<'app.report'>> {
    const createdAtUtc = deps.now().toISOString();
    const { drivers } = await tokens.list();
    return { text: makeReport({ info: info(), drivers, asked, logLines: log.lastLines(), createdAtUtc }), createdAtUtc };
  }

  const handlers: Handlers = {
    'app.info': info,
    'app.caStatus': () => askCaStatus(session.ca, deps.now),
    'app.report': report,
    'settings.get': () => settings.get(),
    'settings.update': updateSettings,
    'session.get': () => session.account(),
    'session.logIn': (input) => session.logIn(input.loginName, input.password),
    'session.logOut': () => session.logOut(),
    'session.accountsForKey': (input) => accountsForKey(keyLogin, input),
    'session.logInByKey': (input) => logInByKey(keyLogin, input),
    'session.key': () => session.key(),
    'projects.list': () => session.ca.listProjects({}),
    'orders.startPayment': ({ orderId }) => session.ca.startPayment({ params: { orderId }, idempotencyKey: randomUUID() }),
    ...requests,
    ...bids.handlers,
    'bindings.list': () => session.ca.listBindings({}),
    'bindings.bind': (input) => bind({ ca: session.ca, tokens, serviceOrigin, requireAccount: session.requireAccount }, input),
    'bindings.unbind': async ({ bindingId }) => {
      await session.ca.removeBinding({ params: { bindingId } });
      return null;
    },
    'orders.listPendingWritings': (input) => session.ca.listPendingWritings({ query: input }),
    'ukeyModels.list': deps.listUkeyModels,
    'tokens.list': () => tokens.list(),
    'tokens.rescan': () => tokens.rescan(),
    'tokens.checkPin': (input) => checkPin(tokens, input),
    'tokens.changePin': (input) => changePin(tokens, input),
    'tokens.renameLabel': (input) => renameLabel(tokens, input),
    'keys.overview': ({ token }) => showKey({ tokens, session, crypto: deps.crypto, ledger: deps.ledgerStore, now: deps.now }, token),
    'keys.keepDefaultPin': ({ token, keep }) => {
      pins.keep(token, keep);
      return null;
    },
    'ledger.list': (input) => ledger.list(input),
    'ledger.get': ({ sealId }) => ledger.get(sealId),
    'ledger.import': (input) => ledger.take(input),
    'ledger.export': () => ledger.export(),
    'ledger.setState': (input) => ledger.setState(input),
    'ledger.addUpload': (input) => ledger.addUpload(input),
    'ledger.remove': ({ sealId }) => ledger.remove(sealId),
    'ledger.assess': (input) => ledger.assess(input),
    'ledger.reminders': () => ledger.reminders(),
    'diagnosis.run': (input) => diagnosis.run(input),
    'diagnosis.get': () => diagnosis.newest(),
    'diagnosis.export': () => diagnosis.export(),
    'writing.start': writing.start,
    'writing.startNewIssue': writing.startNewIssue,
    'writing.adoptAdministratorPin': writing.adoptAdministratorPin,
    'writing.room': writing.room,
    'writing.get': (input) => writing.get(input.deedId),
    'writing.listUnfinished': writing.listUnfinished,
    'writing.ledgerQuestion': writing.ledgerQuestion,
    'writing.mayBeGivenUp': writing.mayBeGivenUp,
    'writing.resume': writing.resume,
    'writing.cancel': writing.cancel,
  };

  // The schema has checked what the compiler cannot follow from here on.
  const untyped = handlers as unknown as Readonly<Record<DesktopMethod, (input: unknown) => unknown>>;
  async function call(method: DesktopMethod, input: unknown): Promise<unknown> {
    try {
      checkInput(method, input);
      return await untyped[method](input);
    } catch (thrown) {
      throw traced(method, toAppError(thrown), log);
    }
  }

  return {
    call: call as DesktopEngine['call'],
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      stopTokens();
      reminders.stop();
      await bids.close();
      await writing.close();
      await tokens.close();
      ca.reset();
      deps.journal.close();
      ledger.close();
    },
  };
}

/** The error leaves with a trace id under which the log has it. */
function traced(method: DesktopMethod, error: AppError, log: Log): AppError {
  error.traceId ??= randomBytes(8).toString('hex');
  const facts = { method, code: error.code, traceId: error.traceId };
  if (error.code === 'INTERNAL') log.error('call failed', { ...facts, exception: String((error.cause as Error | undefined)?.stack ?? error.cause) });
  else log.warn('call refused', facts);
  return error;
}

/** One client per address; made when it is first needed, and anew after the settings changed. */
function createCaConnection(address: () => string | null, create: (baseUrl: string) => CaClient): { client(): CaClient; reset(): void } {
  let client: CaClient | null = null;
  return {
    client() {
      const baseUrl = address();
      if (baseUrl === null) throw new AppError('CA_NOT_CONFIGURED');
      client ??= create(baseUrl);
      return client;
    },
    reset() {
      client?.close();
      client = null;
    },
  };
}
