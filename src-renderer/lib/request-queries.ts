/** What the screens know of requests, projects and bindings. States move at the service – by staff, by payment – so what is open is asked anew. */
import { useQuery, type QueryClient } from '@tanstack/react-query';
import type { DesktopOutput } from '#shared/contract/desktop/desktop-contract.ts';
import type { TokenRef } from '#shared/contract/desktop/tokens.ts';
import type { RequestKind } from '#shared/contract/rest/orders.ts';
import type { Request, RequestState } from '#shared/contract/rest/requests.ts';
import { useEngine } from './engine.tsx';
import { QUERY_KEYS } from './queries.ts';

const REQUESTS = QUERY_KEYS.requests;
const BINDINGS = QUERY_KEYS.bindings;
const PAGE_SIZE = 10;
const LOOK_AGAIN_MS = 5_000;

/** States in which somebody else has the next move. */
const MOVED_BY_OTHERS = new Set<RequestState>(['submitted', 'in-review', 'approved', 'awaiting-payment', 'paid']);
/** States in which nothing more happens. */
export const ENDED_STATES = new Set<RequestState>(['completed', 'withdrawn', 'expired', 'cancelled']);

export type RequestPage = DesktopOutput<'requests.list'>;

export function useRequestPage(kind: RequestKind | null, after: string | null) {
  const engine = useEngine();
  return useQuery({
    queryKey: [...REQUESTS, 'page', kind, after],
    queryFn: () => engine.call('requests.list', { limit: PAGE_SIZE, ...(kind === null ? {} : { kind }), ...(after === null ? {} : { after }) }),
    staleTime: 0,
  });
}

export function useRequest(requestId: string) {
  const engine = useEngine();
  return useQuery({
    queryKey: [...REQUESTS, 'one', requestId],
    queryFn: () => engine.call('requests.get', { requestId }),
    staleTime: 0,
    refetchInterval: (query) => (query.state.data && MOVED_BY_OTHERS.has(query.state.data.state) ? LOOK_AGAIN_MS : false),
  });
}

/** @param token null: no key chosen yet */
export function useKeyRequests(token: TokenRef | null, enabled: boolean) {
  const engine = useEngine();
  return useQuery({
    queryKey: [...REQUESTS, 'key', token],
    queryFn: () => (token === null ? Promise.reject(new Error('no key chosen')) : engine.call('requests.forKey', { token })),
    enabled: enabled && token !== null,
    staleTime: 0,
  });
}

export function useRiskNotice() {
  const engine = useEngine();
  return useQuery({ queryKey: ['riskNotice'], queryFn: () => engine.call('requests.riskNotice', undefined), staleTime: 0 });
}

export function useProjects() {
  const engine = useEngine();
  return useQuery({ queryKey: ['projects'], queryFn: () => engine.call('projects.list', undefined) });
}

export function useBindings(enabled: boolean) {
  const engine = useEngine();
  return useQuery({ queryKey: BINDINGS, queryFn: () => engine.call('bindings.list', undefined), enabled, staleTime: 0 });
}

export function forgetBindings(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: BINDINGS });
}

/** A request as a call answered it, and everything that may have changed with it. */
export function keepRequest(client: QueryClient, request: Request): void {
  client.setQueryData([...REQUESTS, 'one', request.id], request);
  forgetRequestLists(client);
}

export function forgetRequest(client: QueryClient, requestId: string): void {
  void client.invalidateQueries({ queryKey: [...REQUESTS, 'one', requestId] });
  forgetRequestLists(client);
}

function forgetRequestLists(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: [...REQUESTS, 'page'] });
  void client.invalidateQueries({ queryKey: [...REQUESTS, 'key'] });
  void client.invalidateQueries({ queryKey: QUERY_KEYS.pendingWritings });
}
