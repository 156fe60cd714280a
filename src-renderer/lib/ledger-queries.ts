/** What the screens know of the ledger of sealed bids. */
import { useQuery, type QueryClient } from '@tanstack/react-query';
import type { DesktopInput, DesktopOutput } from '#shared/contract/desktop/desktop-contract.ts';
import type { SealedBidState } from '#shared/contract/desktop/ledger.ts';
import { useEngine } from './engine.tsx';
import { QUERY_KEYS } from './queries.ts';

const LEDGER = QUERY_KEYS.ledger;
const PAGE_SIZE = 20;
/** Reminders come due by the clock, not by an event. */
const REMINDERS_EVERY_MS = 60_000;

export type LedgerQuestionInput = DesktopInput<'ledger.assess'>;
export type LedgerRow = DesktopOutput<'ledger.list'>['items'][number];

/** @param after cursor of the page before; null: first page. @param state null: all */
export function useLedgerPage(state: SealedBidState | null, after: string | null) {
  const engine = useEngine();
  return useQuery({
    queryKey: [...LEDGER, 'page', state, after],
    queryFn: () => engine.call('ledger.list', { limit: PAGE_SIZE, ...(state === null ? {} : { state }), ...(after === null ? {} : { after }) }),
    staleTime: 0,
  });
}

export function useLedgerReminders() {
  const engine = useEngine();
  return useQuery({ queryKey: [...LEDGER, 'reminders'], queryFn: () => engine.call('ledger.reminders', undefined), refetchInterval: REMINDERS_EVERY_MS, staleTime: 0 });
}

/** The question before a deed; asked anew each time it is shown, because an old answer is no answer. @param input null: not yet */
export function useLedgerAssessment(input: LedgerQuestionInput | null) {
  const engine = useEngine();
  return useQuery({
    queryKey: [...LEDGER, 'assess', input],
    queryFn: () => (input === null ? Promise.reject(new Error('nothing to ask')) : engine.call('ledger.assess', input)),
    enabled: input !== null,
    staleTime: 0,
    gcTime: 0,
  });
}

/** What the ledger is asked before an interrupted deed goes on. @param deedId null: not yet */
export function useDeedLedgerQuestion(deedId: string | null) {
  const engine = useEngine();
  return useQuery({ queryKey: [...LEDGER, 'of-deed', deedId], queryFn: () => engine.call('writing.ledgerQuestion', { deedId: deedId ?? '' }), enabled: deedId !== null, staleTime: 0, gcTime: 0 });
}

export function forgetLedger(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: LEDGER });
}
