/** An engine in memory that speaks the desktop contract, for the scenes. Its steps wait for the test (`advance`) unless the scene says that they run by themselves. */
import type { BidKeyBridge } from '#shared/contract/desktop/bridge.ts';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { AppInfo, CaStatus, DesktopEvent, DesktopInput, DesktopMethod, DesktopOutput, Settings } from '#shared/contract/desktop/desktop-contract.ts';
import type { DriverState, TokenRef, TokenSummary, UkeyModel } from '#shared/contract/desktop/tokens.ts';
import type { Account } from '#shared/contract/rest/accounts.ts';
import type { PendingWriting } from '#shared/contract/rest/orders.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { ErrorCode } from '#shared/errors/error-table.ts';
import { settle } from '#shared/errors/result.ts';
import { pair } from './things.ts';
import { keyOverview } from './key-overview.ts';
import { unscripted } from './unscripted.ts';

export interface Scene {
  appInfo: AppInfo;
  caStatus: CaStatus;
  settings: Settings;
  account: Account | null;
  accounts: readonly { readonly account: Account; readonly password: string }[];
  models: readonly UkeyModel[];
  tokens: TokenSummary[];
  drivers: DriverState[];
  pending: PendingWriting[];
  deeds: Deed[];
  pin: string;
  code: string;
  /** Steps run by themselves; otherwise the test calls `advance`. */
  automatic: boolean;
  /** The first attempt stops at this step with this error. */
  failAt: { readonly step: string; readonly code: ErrorCode } | null;
}

const STEPS = ['start', 'generate', 'request', 'import-keys', 'import-certificates', 'prove', 'complete'];

export interface MemoryEngine {
  readonly bridge: BidKeyBridge;
  readonly scene: Scene;
  plug(token: TokenSummary): void;
  unplug(serial: string): void;
  /** The service has ended the session. */
  endSession(): void;
  /** One step further in the running deed. */
  advance(): void;
}

/** What the scenes need; the rest of the contract has no part in them (unscripted.ts). */
type Handlers = { readonly [M in DesktopMethod]?: (input: DesktopInput<M>) => DesktopOutput<M> };

export function createMemoryEngine(scene: Scene): MemoryEngine {
  const listeners = new Set<(event: DesktopEvent) => void>();
  const emit = (event: DesktopEvent) => listeners.forEach((listener) => listener(structuredClone(event)));
  const tokenList = () => ({ tokens: scene.tokens, drivers: scene.drivers });
  const tokensChanged = () => emit({ name: 'tokens.changed', data: tokenList() });

  function tokenOf(ref: TokenRef): TokenSummary {
    return scene.tokens.find((token) => token.ref.serial === ref.serial) ?? missing('TOKEN_NOT_PRESENT');
  }

  function logInToKey(ref: TokenRef, pin: string, confirmed: boolean): TokenSummary {
    const token = tokenOf(ref);
    if (token.pin.status === 'locked') throw new AppError('PIN_LOCKED');
    if (token.pin.triesLeft !== null && token.pin.triesLeft <= 2 && !confirmed) throw new AppError('PIN_NOT_CONFIRMED', { triesLeft: token.pin.triesLeft });
    if (pin === scene.pin) {
      token.pin = { ...token.pin, status: 'ok', triesLeft: token.pin.maxTries };
      return token;
    }
    const triesLeft = token.pin.triesLeft === null ? null : token.pin.triesLeft - 1;
    token.pin = { ...token.pin, triesLeft, status: triesLeft === 0 ? 'locked' : triesLeft === 1 ? 'final-try' : 'low' };
    tokensChanged();
    throw new AppError('PIN_INCORRECT', { triesLeft });
  }

  function deedOf(deedId: string): Deed {
    return scene.deeds.find((deed) => deed.id === deedId) ?? missing('DEED_NOT_FOUND');
  }

  function changeDeed(deed: Deed, changes: Partial<Deed>): Deed {
    Object.assign(deed, changes, { updatedAtUtc: new Date().toISOString() });
    emit({ name: 'deed.changed', data: deed });
    return deed;
  }

  function setStep(deed: Deed, name: string, state: Deed['steps'][number]['state']): void {
    deed.steps = deed.steps.map((step) => (step.name === name ? { ...step, state } : step));
  }

  function advance(): void {
    const deed = scene.deeds.find((candidate) => candidate.state === 'running');
    if (!deed) return;
    if (scene.failAt?.step === deed.step) {
      const { code } = scene.failAt;
      scene.failAt = null;
      setStep(deed, deed.step, 'failed');
      changeDeed(deed, { state: 'interrupted', error: { code, details: {}, traceId: '0af7651916cd43dd' } });
      return;
    }
    setStep(deed, deed.step, 'done');
    const next = STEPS[STEPS.indexOf(deed.step) + 1];
    if (next === undefined) return complete(deed);
    setStep(deed, next, 'running');
    changeDeed(deed, { step: next, cancellable: next !== 'complete' });
    later();
  }

  function complete(deed: Deed): void {
    const token = scene.tokens.find((candidate) => candidate.ref.serial === deed.token.serial);
    token?.certificates.push(...pair(deed.id, deed.companyName, 365));
    tokensChanged();
    const row = scene.pending.find((candidate) => candidate.requestId === deed.requestId);
    changeDeed(deed, { state: 'completed', cancellable: false, remainingQuantity: row?.remainingQuantity ?? 0 });
    scene.pending = scene.pending.filter((candidate) => candidate.remainingQuantity > 0);
  }

  const later = () => {
    if (scene.automatic) setTimeout(advance, 60);
  };

  function startNewIssue(input: DesktopInput<'writing.startNewIssue'>): Deed {
    const token = logInToKey(input.token, input.pin, input.confirmedFewTries ?? false);
    const row = scene.pending.find((candidate) => candidate.requestId === input.requestId) ?? missing('NOT_FOUND');
    if (token.certificates.some((one) => !(input.agreedToAddBesideCertificates ?? []).includes(one.sha256Hex))) throw new AppError('KEY_HAS_CERTIFICATES', { certificates: token.certificates.map((one) => one.subjectCommonName) });
    if (input.authorizationCode !== scene.code) throw new AppError('CODE_WRONG', { triesLeft: 4 });
    row.remainingQuantity -= 1;
    const now = new Date().toISOString();
    const deed: Deed = {
      id: `deed-${scene.deeds.length + 1}-0001`, kind: 'new-issue', plan: 'new-issue', requestNumber: row.requestNumber, pinNeeded: 'pin', state: 'running', step: 'generate', token: token.ref, tokenModelId: input.tokenModelId, requestId: row.requestId, orderNumber: row.orderNumber,
      companyName: row.companyName, projectName: row.projectName, cancellable: true, codeNeeded: false, remainingQuantity: row.remainingQuantity, error: null, startedAtUtc: now, updatedAtUtc: now,
      steps: STEPS.map((name, index) => ({ name, state: index === 0 ? 'done' : index === 1 ? 'running' : 'waiting' })),
    };
    scene.deeds.push(deed);
    emit({ name: 'deed.changed', data: deed });
    later();
    return deed;
  }

  const handlers: Handlers = {
    'app.info': () => scene.appInfo,
    'app.caStatus': () => scene.caStatus,
    'app.report': ({ errorCode }) => ({ text: `BidKey report\nerror ${errorCode ?? '-'}\nversion ${scene.appInfo.version}`, createdAtUtc: new Date().toISOString() }),
    'authorities.list': () => ({ folder: '/home/demo/.bidkey/bids/authorities', caBaseUrl: null, authorities: [] }),
    'settings.get': () => scene.settings,
    'settings.update': (change) => (scene.settings = { ...scene.settings, ...change }),
    'session.get': () => scene.account,
    'session.logIn': ({ loginName, password }) => (scene.account = scene.accounts.find((one) => one.account.loginName === loginName && one.password === password)?.account ?? missing('LOGIN_FAILED')),
    'session.logOut': () => (scene.account = null),
    'orders.listPendingWritings': ({ limit = 20, after }) => {
      if (scene.account === null) throw new AppError('NOT_SIGNED_IN');
      const start = after === undefined ? 0 : Number(after);
      return { items: scene.pending.slice(start, start + limit), next: start + limit < scene.pending.length ? String(start + limit) : null };
    },
    'ukeyModels.list': () => scene.models.map((model) => ({ ...model, driverAvailable: scene.drivers.some((one) => one.modelId === model.id && one.status === 'ready') })),
    'keys.overview': ({ token }) => keyOverview(tokenOf(token)),
    'tokens.list': tokenList,
    'tokens.rescan': tokenList,
    'tokens.checkPin': ({ token, pin, confirmedFewTries }) => logInToKey(token, pin, confirmedFewTries ?? false).pin,
    'tokens.changePin': ({ token, oldPin, newPin, confirmedFewTries }) => {
      const found = logInToKey(token, oldPin, confirmedFewTries ?? false);
      scene.pin = newPin;
      found.pin = { ...found.pin, mustChange: false };
      tokensChanged();
      return found.pin;
    },
    'writing.startNewIssue': startNewIssue,
    'writing.get': ({ deedId }) => deedOf(deedId),
    'writing.listUnfinished': () => scene.deeds.filter((deed) => deed.state === 'running' || deed.state === 'interrupted'),
    'writing.ledgerQuestion': () => null,
    'writing.mayBeGivenUp': ({ deedId }) => deedOf(deedId).cancellable,
    'writing.resume': ({ deedId, pin, confirmedFewTries, authorizationCode }) => {
      const deed = deedOf(deedId);
      if (deed.codeNeeded && authorizationCode !== scene.code) throw new AppError(authorizationCode === undefined ? 'DEED_CODE_NEEDED' : 'CODE_WRONG', authorizationCode === undefined ? {} : { triesLeft: 4 });
      logInToKey(deed.token, pin ?? '', confirmedFewTries ?? false);
      setStep(deed, deed.step, 'running');
      changeDeed(deed, { state: 'running', error: null, codeNeeded: false });
      later();
      return deed;
    },
    'writing.cancel': ({ deedId }) => {
      const deed = deedOf(deedId);
      const row = scene.pending.find((candidate) => candidate.requestId === deed.requestId);
      if (row) row.remainingQuantity += 1;
      return changeDeed(deed, { state: 'cancelled' });
    },
  };

  return {
    scene,
    bridge: {
      shell: 'local',
      // One tick of delay and a copy: as over a process border.
      call: async (method, input) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        const handler = (handlers[method] ?? unscripted(method)) as (given: typeof input) => DesktopOutput<typeof method>;
        return structuredClone(await settle(() => handler(input)));
      },
      onEvent: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      onConnection: () => () => undefined,
    },
    plug: (token) => {
      scene.tokens.push(token);
      tokensChanged();
    },
    endSession() {
      scene.account = null;
      emit({ name: 'session.changed', data: { account: null, key: null } });
    },
    unplug: (serial) => {
      scene.tokens = scene.tokens.filter((token) => token.ref.serial !== serial);
      tokensChanged();
    },
    advance,
  };
}

function missing(code: ErrorCode): never {
  throw new AppError(code);
}
