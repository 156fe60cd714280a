/**
 * What pages may not do, whatever they are: navigate away, open windows, embed, ask for permissions, reach the network, go on past a bad certificate.
 * Checklist points 5, 11 to 15. Rule: refused by default; what is allowed stands here in a table with its reason.
 */
import type * as Electron from 'electron';
import { APP_ORIGIN } from './app-protocol.ts';
import type { ElectronApis } from './electron-apis.ts';

/** Permissions that our own screens get. */
const ALLOWED_PERMISSIONS: ReadonlySet<string> = new Set([
  // “Copy report” writes text that the person sees, after a click.
  'clipboard-sanitized-write',
]);

export interface GuardPorts {
  /** Origin of the CA service in the settings: the one foreign place whose pages (sandbox inbox) may be shown, in the system browser. */
  readonly caOrigin: () => Promise<string | null>;
  readonly logRefusal: (what: string) => void;
}

/** Every page of this app, now and later. Called before the first window. */
export function guardAllContents(electron: Pick<ElectronApis, 'app' | 'shell'>, ports: GuardPorts): void {
  electron.app.on('web-contents-created', (_event, contents) => guardNavigation(contents, electron.shell, ports));
  electron.app.on('certificate-error', (event, _contents, _url, _error, _certificate, callback) => {
    event.preventDefault();
    ports.logRefusal('certificate-error');
    callback(false);
  });
  // Nothing of ours asks for a client certificate or a proxy password; the keys are reached through the token host only.
  electron.app.on('select-client-certificate', (event) => event.preventDefault());
  electron.app.on('login', (event) => event.preventDefault());
}

function guardNavigation(contents: Electron.WebContents, shell: Electron.Shell, ports: GuardPorts): void {
  contents.on('will-frame-navigate', (event) => {
    if (event.isMainFrame && isOwnAddress(event.url)) return;
    event.preventDefault();
    ports.logRefusal('navigation');
  });
  contents.on('will-redirect', (event) => {
    event.preventDefault();
    ports.logRefusal('redirect');
  });
  contents.on('will-attach-webview', (event) => {
    event.preventDefault();
    ports.logRefusal('webview');
  });
  contents.setWindowOpenHandler(({ url }) => {
    void openCaPage(url, shell, ports);
    return { action: 'deny' };
  });
}

async function openCaPage(url: string, shell: Electron.Shell, ports: GuardPorts): Promise<void> {
  const allowed = await ports.caOrigin();
  if (allowed !== null && isPageOf(url, allowed)) await shell.openExternal(url);
  else ports.logRefusal('window-open');
}

/** Exactly that origin, by web, without credentials in the address. */
export function isPageOf(url: string, origin: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password, origin: found } = new URL(url);
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '' && found === origin;
}

const isOwnAddress = (url: string) => url.startsWith(`${APP_ORIGIN}/`);

/** Permissions, devices, downloads, spell checker and network of the session that our window uses. */
export function guardSession(session: Electron.Session, logRefusal: (what: string) => void): void {
  const isAllowed = (permission: string, origin: string) => ALLOWED_PERMISSIONS.has(permission) && (origin === APP_ORIGIN || isOwnAddress(origin));
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    const allowed = details.isMainFrame && isAllowed(permission, details.requestingUrl);
    if (!allowed) logRefusal(`permission ${permission}`);
    answer(allowed);
  });
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin) => isAllowed(permission, requestingOrigin));
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event) => {
    event.preventDefault();
    logRefusal('download');
  });
  // It would fetch dictionaries from a server of others.
  session.setSpellCheckerEnabled(false);
  // A second wall behind the content security policy: the window's session has no network at all. The engine has its own.
  session.webRequest.onBeforeRequest((details, answer) => {
    const allowed = isOwnAddress(details.url) || details.url.startsWith('devtools:') || details.url.startsWith('data:');
    if (!allowed) logRefusal('request');
    answer({ cancel: !allowed });
  });
}
