/** The desktop tool: look, language and routes. Pages other than home are loaded when first opened, so that home comes up fast. */
import { App as AntdApp, ConfigProvider } from 'antd';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { HashRouter, Navigate, Route, Routes } from 'react-router';
import { Loading } from '../components/loading.tsx';
import { antdLocale } from '../lib/language.ts';
import { THEME } from '../lib/theme.ts';
import { HomePage } from './features/home/home-page.tsx';
import { Frame } from './frame/frame.tsx';
import { SignedIn } from './frame/signed-in.tsx';

const LoginPage = lazy(async () => ({ default: (await import('./features/login/login-page.tsx')).LoginPage }));
const PendingWritingsPage = lazy(async () => ({ default: (await import('./features/pending-writings/pending-writings-page.tsx')).PendingWritingsPage }));
const NewIssuePage = lazy(async () => ({ default: (await import('./features/new-issue/new-issue-page.tsx')).NewIssuePage }));
const MyKeysPage = lazy(async () => ({ default: (await import('./features/my-keys/my-keys-page.tsx')).MyKeysPage }));
const UnfinishedPage = lazy(async () => ({ default: (await import('./features/unfinished/unfinished-page.tsx')).UnfinishedPage }));
const SettingsPage = lazy(async () => ({ default: (await import('./features/settings/settings-page.tsx')).SettingsPage }));
const HelpPage = lazy(async () => ({ default: (await import('./features/help/help-page.tsx')).HelpPage }));

export function App() {
  // Renders again with every change of language; Ant Design's own texts follow.
  useTranslation();
  return (
    <ConfigProvider theme={THEME} locale={antdLocale()} button={{ autoInsertSpace: false }}>
      <AntdApp component={false}>
        <HashRouter>
          <Frame>
            <Suspense fallback={<Loading />}>
              <Routes>
                <Route path="/" element={<HomePage />} />
                <Route path="/login" element={<LoginPage />} />
                <Route path="/pending" element={<SignedIn><PendingWritingsPage /></SignedIn>} />
                <Route path="/write/:requestId" element={<SignedIn><NewIssuePage /></SignedIn>} />
                <Route path="/keys" element={<MyKeysPage />} />
                <Route path="/unfinished" element={<UnfinishedPage />} />
                <Route path="/settings" element={<SettingsPage />} />
                <Route path="/help" element={<HelpPage />} />
                <Route path="*" element={<Navigate to="/" replace />} />
              </Routes>
            </Suspense>
          </Frame>
        </HashRouter>
      </AntdApp>
    </ConfigProvider>
  );
}
