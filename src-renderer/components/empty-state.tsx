/** An empty state that teaches: what is missing, why that may be, what to do. */
import type { ReactNode } from 'react';

export function EmptyState({ icon, title, hints, children }: { icon: ReactNode; title: string; hints?: readonly ReactNode[]; children?: ReactNode }) {
  return (
    <div className="bk-empty">
      <div className="bk-empty-icon" aria-hidden="true">{icon}</div>
      <div>
        <p className="bk-empty-title">{title}</p>
        {hints && hints.length > 0 ? <ul>{hints.map((hint, index) => <li key={index}>{hint}</li>)}</ul> : null}
        {children ? <div className="bk-empty-actions">{children}</div> : null}
      </div>
    </div>
  );
}
