/** What the screens know of the newest diagnosis; its events bring the findings as they are made. */
import { useQuery } from '@tanstack/react-query';
import { useEngine } from './engine.tsx';
import { QUERY_KEYS } from './queries.ts';

export function useDiagnosis() {
  const engine = useEngine();
  return useQuery({ queryKey: QUERY_KEYS.diagnosis, queryFn: () => engine.call('diagnosis.get', undefined), staleTime: Infinity });
}
