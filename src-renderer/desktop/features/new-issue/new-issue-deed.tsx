/** A new issue under way, and its result. */
import { RunningDeed } from '../../../components/running-deed.tsx';
import { IssueResult } from './issue-result.tsx';

interface NewIssueDeedProps {
  readonly deedId: string;
  readonly fingerprintsBefore: readonly string[];
  readonly remainingInList: number;
  readonly onNextKey: () => void;
  readonly onCancelled: () => void;
}

export function NewIssueDeed({ deedId, fingerprintsBefore, remainingInList, onNextKey, onCancelled }: NewIssueDeedProps) {
  return (
    <RunningDeed
      deedId={deedId}
      onCancelled={onCancelled}
      result={(deed) => <IssueResult deed={deed} fingerprintsBefore={fingerprintsBefore} remaining={deed.remainingQuantity ?? remainingInList} onNextKey={onNextKey} />}
    />
  );
}
