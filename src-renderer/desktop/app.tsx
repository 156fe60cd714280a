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
const ServicePage = lazy(async () => ({ default: (await import('./features/key-services/service-page.tsx')).ServicePage }));
const ApplyPage = lazy(async () => ({ default: (await import('./features/requests/apply-page.tsx')).ApplyPage }));
const RequestsPage = lazy(async () => ({ default: (await import('./features/requests/requests-page.tsx')).RequestsPage }));
const RequestPage = lazy(async () => ({ default: (await import('./features/requests/request-page.tsx')).RequestPage }));
const CarryOutPage = lazy(async () => ({ default: (await import('./features/carry-out/carry-out-page.tsx')).CarryOutPage }));
const BindingsPage = lazy(async () => ({ default: (await import('./features/bindings/bindings-page.tsx')).BindingsPage }));
const LedgerPage = lazy(async () => ({ default: (await import('./features/ledger/ledger-page.tsx')).LedgerPage }));
const DiagnosisPage = lazy(async () => ({ default: (await import('./features/diagnosis/diagnosis-page.tsx')).DiagnosisPage }));
const ProjectsPage = lazy(async () => ({ default: (await import('./features/bids/projects-page.tsx')).ProjectsPage }));
const ProjectPage = lazy(async () => ({ default: (await import('./features/bids/project-page.tsx')).ProjectPage }));
const RehearsePage = lazy(async () => ({ default: (await import('./features/rehearse/rehearse-page.tsx')).RehearsePage }));
const RewrapPage = lazy(async () => ({ default: (await import('./features/rewrap/rewrap-page.tsx')).RewrapPage }));
const OpeningsPage = lazy(async () => ({ default: (await import('./features/opening/openings-page.tsx')).OpeningsPage }));
const OpeningPage = lazy(async () => ({ default: (await import('./features/opening/opening-page.tsx')).OpeningPage }));
const TendersPage = lazy(async () => ({ default: (await import('./features/tender/tenders-page.tsx')).TendersPage }));
const TenderPage = lazy(async () => ({ default: (await import('./features/tender/tender-page.tsx')).TenderPage }));
const AnswerPage = lazy(async () => ({ default: (await import('./features/shares/answer-page.tsx')).AnswerPage }));
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
                <Route path="/service/:kind" element={<ServicePage />} />
                <Route path="/apply/:kind/:subject" element={<SignedIn><ApplyPage /></SignedIn>} />
                <Route path="/requests" element={<SignedIn><RequestsPage /></SignedIn>} />
                <Route path="/requests/:requestId" element={<SignedIn><RequestPage /></SignedIn>} />
                <Route path="/carry-out/:requestId" element={<SignedIn><CarryOutPage /></SignedIn>} />
                <Route path="/bindings" element={<SignedIn><BindingsPage /></SignedIn>} />
                <Route path="/ledger" element={<LedgerPage />} />
                <Route path="/diagnosis" element={<DiagnosisPage />} />
                <Route path="/bids" element={<ProjectsPage />} />
                <Route path="/bids/:projectId" element={<ProjectPage />} />
                <Route path="/rehearse" element={<RehearsePage />} />
                <Route path="/rewrap" element={<RewrapPage />} />
                <Route path="/opening" element={<OpeningsPage />} />
                <Route path="/opening/:openingId" element={<OpeningPage />} />
                <Route path="/tender" element={<TendersPage />} />
                <Route path="/tender/:draftId" element={<TenderPage />} />
                <Route path="/answer-challenge" element={<AnswerPage />} />
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
