/** The sealed bid that a page is about: typed or chosen, or named by the address: `?file=` a path, `?seal=` an entry of the ledger, which knows where its file was last seen. */
import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { AppError } from '#shared/errors/app-error.ts';
import { useEngine } from './engine.tsx';
import { useAction } from './use-action.ts';

export const BID_ENDINGS = ['.bid'];

export function useBidPath(): { readonly path: string; readonly setPath: (path: string) => void; readonly error: AppError | null } {
  const engine = useEngine();
  const [params] = useSearchParams();
  const [path, setPath] = useState(params.get('file') ?? '');
  const seal = params.get('seal');
  const fromLedger = useAction(async (sealId: string) => setPath((await engine.call('ledger.get', { sealId })).file ?? ''));
  const findFile = fromLedger.run;
  useEffect(() => {
    if (seal !== null) void findFile(seal);
  }, [seal, findFile]);
  return { path, setPath, error: fromLedger.error };
}
