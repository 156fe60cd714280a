/** What the screens know of the bid tool: projects, work that runs, openings, tender packages. Work and openings follow the engine's events; the rest is put in by whoever changed it. */
import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { BidProject, BidWork } from '#shared/contract/desktop/bids.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import type { Opening } from '#shared/contract/desktop/openings.ts';
import type { TenderDraft } from '#shared/contract/desktop/tenders.ts';
import type { TokenRef } from '#shared/contract/desktop/tokens.ts';
import { useEngine, type ScreenEngine } from './engine.tsx';

export const BID_KEYS = {
  projects: ['bids'],
  project: (id: string) => ['bids', 'project', id],
  candidates: (id: string) => ['bids', 'candidates', id],
  check: (id: string, folder: string, serial: string | null) => ['bids', 'check', id, folder, serial],
  work: (id: string) => ['bids', 'work', id],
  openings: ['openings'],
  opening: (id: string) => ['openings', 'one', id],
  tenders: ['tenders'],
  tender: (id: string) => ['tenders', 'draft', id],
  rehearsals: ['rehearsals'],
} as const;

/** Events hold their data complete; a lost stream is covered by the slow question of whoever looks. */
const ASK_EVERY_MS = 3_000;

/** @returns stops */
export function followBidEvents(engine: ScreenEngine, client: QueryClient): () => void {
  return engine.onEvent((event) => {
    if (event.name === 'work.changed') client.setQueryData(BID_KEYS.work(event.data.id), event.data);
    if (event.name === 'opening.changed') client.setQueryData(BID_KEYS.opening(event.data.id), event.data);
  });
}

export function useBidProjects() {
  const engine = useEngine();
  return useQuery({ queryKey: [...BID_KEYS.projects, 'list'], queryFn: () => engine.call('bids.list', undefined), staleTime: 0 });
}

export function useBidProject(projectId: string) {
  const engine = useEngine();
  return useQuery({ queryKey: BID_KEYS.project(projectId), queryFn: () => engine.call('bids.get', { projectId }), staleTime: 0 });
}

export function useOpenerCandidates(projectId: string, enabled: boolean) {
  const engine = useEngine();
  return useQuery({ queryKey: BID_KEYS.candidates(projectId), queryFn: () => engine.call('bids.openerCandidates', { projectId }), enabled, staleTime: 0, gcTime: 0 });
}

export function useBidChecks(input: DesktopInput<'bids.check'>, revision: number) {
  const engine = useEngine();
  return useQuery({ queryKey: [...BID_KEYS.check(input.projectId, input.outFolder, input.token?.serial ?? null), revision], queryFn: () => engine.call('bids.check', input), enabled: input.outFolder !== '', staleTime: 0, gcTime: 0 });
}

/** Work by its id; null: none. */
export function useBidWork(workId: string | null) {
  const engine = useEngine();
  return useQuery({
    queryKey: BID_KEYS.work(workId ?? ''), queryFn: () => engine.call('work.get', { workId: workId ?? '' }), enabled: workId !== null, staleTime: Infinity,
    refetchInterval: (query) => (query.state.data?.state === 'running' ? ASK_EVERY_MS : false),
  });
}

export function useOpenings() {
  const engine = useEngine();
  return useQuery({ queryKey: [...BID_KEYS.openings, 'list'], queryFn: () => engine.call('openings.list', undefined), staleTime: 0 });
}

export function useOpening(openingId: string) {
  const engine = useEngine();
  return useQuery({
    queryKey: BID_KEYS.opening(openingId), queryFn: () => engine.call('openings.get', { openingId }), staleTime: Infinity,
    refetchInterval: (query) => (query.state.data?.state === 'running' ? ASK_EVERY_MS : false),
  });
}

/** What a plugged key is in the session; asked anew whenever bids came or were opened. */
export function useOpeningKey({ id, opened, total }: Pick<Opening, 'id' | 'opened' | 'total'>, token: TokenRef | null) {
  const engine = useEngine();
  return useQuery({
    queryKey: [...BID_KEYS.opening(id), 'key', token?.driverId, token?.serial, opened, total], enabled: token !== null, staleTime: 0, gcTime: 0,
    queryFn: () => engine.call('openings.inspectKey', { openingId: id, token: token ?? { driverId: '', serial: '' } }),
  });
}

export function useTenders() {
  const engine = useEngine();
  return useQuery({ queryKey: [...BID_KEYS.tenders, 'list'], queryFn: () => engine.call('tenders.list', undefined), staleTime: 0 });
}

export function useTender(draftId: string) {
  const engine = useEngine();
  return useQuery({ queryKey: BID_KEYS.tender(draftId), queryFn: () => engine.call('tenders.get', { draftId }), staleTime: 0 });
}

export function useRehearsals() {
  const engine = useEngine();
  return useQuery({ queryKey: BID_KEYS.rehearsals, queryFn: () => engine.call('sealed.rehearsals', undefined), staleTime: 0 });
}

/** Puts what a call answered where the screens look. */
export function useKeep() {
  const client = useQueryClient();
  return {
    project: useCallback((project: BidProject) => {
      client.setQueryData(BID_KEYS.project(project.id), project);
      void client.invalidateQueries({ queryKey: [...BID_KEYS.projects, 'list'] });
    }, [client]),
    work: useCallback((work: BidWork) => client.setQueryData(BID_KEYS.work(work.id), work), [client]),
    opening: useCallback((opening: Opening) => {
      client.setQueryData(BID_KEYS.opening(opening.id), opening);
      void client.invalidateQueries({ queryKey: [...BID_KEYS.openings, 'list'] });
    }, [client]),
    tender: useCallback((draft: TenderDraft) => {
      client.setQueryData(BID_KEYS.tender(draft.id), draft);
      void client.invalidateQueries({ queryKey: [...BID_KEYS.tenders, 'list'] });
    }, [client]),
  };
}
