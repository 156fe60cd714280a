/** What stands around every page: top bar, notices, footer. After a change of page the keyboard and the screen reader begin at the page. */
import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { ErrorBoundary } from '../../components/error-boundary.tsx';
import { useAppInfo } from '../../lib/queries.ts';
import { CaState } from './ca-state.tsx';
import { Notices } from './notices.tsx';
import { TopBar } from './top-bar.tsx';

export function Frame({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  const info = useAppInfo().data;

  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    main.current?.focus();
    window.scrollTo(0, 0);
  }, [pathname]);

  return (
    <div className="bk-frame">
      <a className="bk-skip" href="#bk-main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>{t('frame.skip')}</a>
      <TopBar />
      <Notices />
      <main id="bk-main" ref={main} tabIndex={-1}>
        <ErrorBoundary key={pathname}>{children}</ErrorBoundary>
      </main>
      <footer className="bk-footer">
        <span>{t('app.name')} {info ? t('frame.version', { version: info.version }) : ''}</span>
        <CaState />
      </footer>
    </div>
  );
}
