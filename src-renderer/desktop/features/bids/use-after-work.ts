/** When work on a project ends, the project is read anew: it has changed. */
import { useEffect, useRef } from 'react';
import type { BidProject, BidWork } from '#shared/contract/desktop/bids.ts';
import { useKeep } from '../../../lib/bid-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';

export function useAfterWork(work: BidWork | null, projectId: string, onProject: (project: BidProject) => void): void {
  const engine = useEngine();
  const keep = useKeep();
  const latest = useRef(onProject);
  latest.current = onProject;
  const keepProject = keep.project;
  const ended = work !== null && work.state !== 'running' ? work.id : null;
  useEffect(() => {
    if (ended === null) return;
    // A project that cannot be read says so by its own query.
    void engine.call('bids.get', { projectId }).then((project) => {
      keepProject(project);
      latest.current(project);
    }, () => undefined);
  }, [engine, ended, projectId, keepProject]);
}
