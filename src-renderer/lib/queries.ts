/** What the screens know of the engine's state: one query per call, kept fresh by the engine's events. */
import { QueryClient, useQuery } from '@tanstack/react-query';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { DesktopEvent, DesktopOutput } from '#shared/contract/desktop/desktop-contract.ts';
import { toAppError } from '#shared/errors/app-error.ts';
import { useEngine, type ScreenEngine } from './engine.tsx';

export const QUERY_KEYS = {
  appInfo: ['app.info'],
  caStatus: ['app.caStatus'],
  settings: ['settings'],
  session: ['session'],
  tokens: ['tokens'],
  ukeyModels: ['ukeyModels'],
  pendingWritings: ['pendingWritings'],
  unfinishedDeeds: ['unfinishedDeeds'],
  requests: ['requests'],
  bindings: ['bindings'],
  ledger: ['ledger'],
  diagnosis: ['diagnosis'],
  keyOverview: ['keyOverview'],
  deed: (deedId: string) => ['deed', deedId],
} as const;

const CA_STATUS_EVERY_MS = 60_000;

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: false, refetchOnWindowFocus: false, refetchOnReconnect: false, networkMode: 'always', staleTime: 30_000, throwOnError: false },
    },
  });
}

/** Events carry complete data: they are written over what is known. @returns stops */
export function followEvents(engine: ScreenEngine, client: QueryClient): () => void {
  const stopEvents = engine.onEvent((event) => applyEvent(client, event));
  // What happened while the program could not be reached was not sent: ask for everything anew.
  const stopConnection = engine.onConnection((connection) => {
    if (connection === 'connected') void client.invalidateQueries();
  });
  return () => {
    stopEvents();
    stopConnection();
  };
}

function applyEvent(client: QueryClient, event: DesktopEvent): void {
  if (event.name === 'tokens.changed') {
    client.setQueryData(QUERY_KEYS.tokens, event.data);
    void client.invalidateQueries({ queryKey: QUERY_KEYS.ukeyModels });
  } else if (event.name === 'session.changed') {
    client.setQueryData(QUERY_KEYS.session, event.data.account);
    // What was refused when the session had ended is asked again by whoever logs in.
    if (event.data.account !== null) void client.invalidateQueries({ predicate: ({ state }) => state.error !== null && isSignedOut(state.error) });
    void client.invalidateQueries({ queryKey: QUERY_KEYS.pendingWritings });
    void client.invalidateQueries({ queryKey: QUERY_KEYS.requests });
  } else if (event.name === 'ledger.changed' || event.name === 'ledger.due') {
    void client.invalidateQueries({ queryKey: QUERY_KEYS.ledger });
  } else if (event.name === 'diagnosis.changed') {
    client.setQueryData(QUERY_KEYS.diagnosis, event.data);
  } else if (event.name === 'deed.changed') {
    client.setQueryData(QUERY_KEYS.deed(event.data.id), event.data);
    if (event.data.state !== 'running') {
      void client.invalidateQueries({ queryKey: QUERY_KEYS.unfinishedDeeds });
      void client.invalidateQueries({ queryKey: QUERY_KEYS.pendingWritings });
      void client.invalidateQueries({ queryKey: QUERY_KEYS.requests });
      // A deed that ended may have ended certificates.
      void client.invalidateQueries({ queryKey: QUERY_KEYS.bindings });
    }
  }
}

export function useAppInfo() {
  const engine = useEngine();
  return useQuery({ queryKey: QUERY_KEYS.appInfo, queryFn: () => engine.call('app.info', undefined), staleTime: Infinity });
}

export function useCaStatus() {
  const engine = useEngine();
  return useQuery({ queryKey: QUERY_KEYS.caStatus, queryFn: () => engine.call('app.caStatus', undefined), refetchInterval: CA_STATUS_EVERY_MS });
}

export function useSettings() {
  const engine = useEngine();
  return useQuery({ queryKey: QUERY_KEYS.settings, queryFn: () => engine.call('settings.get', undefined), staleTime: Infinity });
}

export function useSession() {
  const engine = useEngine();
  return useQuery({ queryKey: QUERY_KEYS.session, queryFn: () => engine.call('session.get', undefined), staleTime: Infinity });
}

export function useTokens() {
  const engine = useEngine();
  return useQuery({ queryKey: QUERY_KEYS.tokens, queryFn: () => engine.call('tokens.list', undefined), staleTime: Infinity });
}

export function useUkeyModels() {
  const engine = useEngine();
  return useQuery({ queryKey: QUERY_KEYS.ukeyModels, queryFn: () => engine.call('ukeyModels.list', undefined), staleTime: Infinity });
}

export function useUnfinishedDeeds() {
  const engine = useEngine();
  return useQuery({ queryKey: QUERY_KEYS.unfinishedDeeds, queryFn: () => engine.call('writing.listUnfinished', undefined), staleTime: 0 });
}

export function useDeed(deedId: string | null) {
  const engine = useEngine();
  return useQuery({
    queryKey: QUERY_KEYS.deed(deedId ?? ''),
    queryFn: () => engine.call('writing.get', { deedId: deedId ?? '' }),
    enabled: deedId !== null,
    staleTime: Infinity,
    // Events bring every change; the slow question covers a lost event stream.
    refetchInterval: (query) => (query.state.data?.state === 'running' ? 5_000 : false),
  });
}

/** Whether giving an interrupted deed up would work. Of an unlock the service is asked; while it has not answered, nothing is offered that may only fail. */
export function useMayBeGivenUp(deed: Deed): boolean {
  const engine = useEngine();
  const askService = deed.state === 'interrupted' && deed.plan === 'unlock';
  const asked = useQuery({ queryKey: [...QUERY_KEYS.unfinishedDeeds, 'may-be-given-up', deed.id, deed.updatedAtUtc], queryFn: () => engine.call('writing.mayBeGivenUp', { deedId: deed.id }), enabled: askService, staleTime: 0 });
  return askService ? asked.data === true : deed.cancellable;
}

export type PendingPage = DesktopOutput<'orders.listPendingWritings'>;
export type PendingRow = PendingPage['items'][number];

export const PENDING_PAGE_SIZE = 10;

/** @param after cursor of the page before; null: first page */
export function usePendingWritings(after: string | null, enabled: boolean) {
  const engine = useEngine();
  return useQuery({
    queryKey: [...QUERY_KEYS.pendingWritings, 'page', after],
    queryFn: () => engine.call('orders.listPendingWritings', after === null ? { limit: PENDING_PAGE_SIZE } : { limit: PENDING_PAGE_SIZE, after }),
    enabled,
    staleTime: 0,
  });
}

/** One row of the list by its order line; null when no page has it. */
export function usePendingWriting(requestId: string, enabled: boolean) {
  const engine = useEngine();
  return useQuery({ queryKey: [...QUERY_KEYS.pendingWritings, 'line', requestId], queryFn: () => findPendingRow(engine, requestId), enabled, staleTime: 0 });
}

async function findPendingRow(engine: ScreenEngine, requestId: string): Promise<PendingRow | null> {
  let after: string | null = null;
  do {
    const page: PendingPage = await engine.call('orders.listPendingWritings', after === null ? { limit: 100 } : { limit: 100, after });
    const row = page.items.find((item) => item.requestId === requestId);
    if (row) return row;
    after = page.next;
  } while (after !== null);
  return null;
}

/** Codes that mean: nobody is signed in (any more). */
const SIGNED_OUT_CODES = new Set<string>(['NOT_SIGNED_IN', 'SESSION_EXPIRED', 'UNAUTHENTICATED']);

export function isSignedOut(error: unknown): boolean {
  return SIGNED_OUT_CODES.has(toAppError(error).code);
}
