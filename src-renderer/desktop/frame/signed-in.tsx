/** Lets a page through only when an account is signed in; otherwise the login page comes first and leads back. */
import type { ReactNode } from 'react';
import { Navigate, useLocation } from 'react-router';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { Loading } from '../../components/loading.tsx';
import { useSession } from '../../lib/queries.ts';

export function SignedIn({ children }: { children: ReactNode }) {
  const { pathname } = useLocation();
  const session = useSession();
  if (session.isPending) return <Loading />;
  if (session.error) return <div className="bk-page"><ErrorPanel error={session.error} onRetry={() => void session.refetch()} /></div>;
  if (session.data === null) return <Navigate to={`/login?next=${encodeURIComponent(pathname)}`} replace />;
  return children;
}
