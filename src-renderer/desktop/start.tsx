/** Puts the desktop screens together over any bridge: language from the settings, then the first render. */
import './desktop.css';
import '../components/bid-tool.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import type { BidKeyBridge } from '#shared/contract/desktop/bridge.ts';
import type { Language } from '#shared/contract/desktop/desktop-contract.ts';
import { followBidEvents } from '../lib/bid-queries.ts';
import { EngineProvider, engineOf, type ScreenEngine } from '../lib/engine.tsx';
import { startLanguage } from '../lib/language.ts';
import { createQueryClient, followEvents, QUERY_KEYS } from '../lib/queries.ts';
import { THEME } from '../lib/theme.ts';
import { App } from './app.tsx';

export async function startDesktop(bridge: BidKeyBridge, root: HTMLElement | null): Promise<void> {
  if (root === null) throw new Error('the page has no #root');
  const engine = engineOf(bridge);
  const client = createQueryClient();
  followEvents(engine, client);
  followBidEvents(engine, client);
  await startLanguage(await languageOf(engine, (settings) => client.setQueryData(QUERY_KEYS.settings, settings)));
  // Ant Design's colours are variables of this class; links and texts outside its components use them too.
  document.documentElement.classList.add(THEME.cssVar.key);
  createRoot(root).render(
    <EngineProvider engine={engine}>
      <QueryClientProvider client={client}>
        <App />
      </QueryClientProvider>
    </EngineProvider>,
  );
}

/** Chinese when the settings cannot be read: the pages then say why, in a language that the person is likely to read. */
async function languageOf(engine: ScreenEngine, keep: (settings: unknown) => void): Promise<Language> {
  const settings = await engine.call('settings.get', undefined).catch(() => null);
  if (settings === null) return 'zh-CN';
  keep(settings);
  return settings.language;
}
