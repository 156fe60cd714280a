/**
 * Lets a page through only when an account is signed in; otherwise the login page comes first and leads back. When the session ends while a page is open – its certificate was
 * revoked or unbound, the password changed elsewhere – the login comes up in its place, and the page waits behind it with all that was typed; another account gets a fresh one.
 */
import { Fragment, lazy, Suspense, useState, type ReactNode } from 'react';
import { Navigate, useLocation } from 'react-router';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { Loading } from '../../components/loading.tsx';
import { useSession } from '../../lib/queries.ts';

const LoginPage = lazy(async () => ({ default: (await import('../features/login/login-page.tsx')).LoginPage }));

export function SignedIn({ children }: { children: ReactNode }) {
  const { pathname, search } = useLocation();
  const session = useSession();
  const accountId = session.data?.id ?? null;
  // Whose page it is; stays while nobody is signed in.
  const [shownTo, setShownTo] = useState(accountId);
  if (accountId !== null && accountId !== shownTo) setShownTo(accountId);
  if (session.isPending) return <Loading />;
  if (session.error) return <div className="bk-page"><ErrorPanel error={session.error} onRetry={() => void session.refetch()} /></div>;
  if (accountId === null && shownTo === null) return <Navigate to={`/login?next=${encodeURIComponent(pathname + search)}`} replace />;
  return (
    <>
      {accountId === null ? <Suspense fallback={<Loading />}><LoginPage inPlace /></Suspense> : null}
      <div hidden={accountId === null} inert={accountId === null} style={accountId === null ? undefined : { display: 'contents' }}><Fragment key={shownTo}>{children}</Fragment></div>
    </>
  );
}
