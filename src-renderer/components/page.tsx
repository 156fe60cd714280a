/** The frame of one page: heading, a line that says what it is for, actions at the right, content below. */
import type { ReactNode } from 'react';

interface PageProps {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, lead, actions, children }: PageProps) {
  return (
    <div className="bk-page">
      <header className="bk-page-head">
        <div>
          <h1>{title}</h1>
          {lead ? <p className="bk-lead">{lead}</p> : null}
        </div>
        {actions ? <div className="bk-page-actions">{actions}</div> : null}
      </header>
      {children}
    </div>
  );
}

/** One white block of a page. With a number it is a step of a form. */
export function Section({ title, number, extra, children, label }: { title?: ReactNode; number?: number; extra?: ReactNode; children: ReactNode; label?: string }) {
  return (
    <section className="bk-section" aria-label={label}>
      {title ? (
        <div className="bk-section-head">
          <h2>
            {number ? <span className="bk-section-number" aria-hidden="true">{number}</span> : null}
            {title}
          </h2>
          {extra}
        </div>
      ) : null}
      {children}
    </section>
  );
}
