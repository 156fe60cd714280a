/** The main-process side of the fake: app, window, IPC, protocol, session, utility processes. */
import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ElectronApis } from '../../../src-main/shells/electron/electron-apis.ts';

type Handler = (event: unknown, ...args: unknown[]) => unknown;
type ProtocolHandler = (request: Request) => Response | Promise<Response>;

export class FakeApp extends EventEmitter {
  readonly isPackaged = false;
  readonly switches: string[] = [];
  readonly paths = new Map<string, string>();
  ready = false;
  sandboxEnabled = false;
  lockGranted = true;
  exitCode: number | null = null;
  readonly commandLine = { appendSwitch: (name: string) => void this.switches.push(name) };

  whenReady(): Promise<void> {
    return new Promise((done) => setImmediate(() => {
      this.ready = true;
      done();
    }));
  }
  enableSandbox(): void {
    if (this.ready) throw new Error('app.enableSandbox() can only be called before app is ready');
    this.sandboxEnabled = true;
  }
  setPath(name: string, path: string): void {
    if (!isAbsolute(path)) throw new Error('Path must be absolute');
    if (!existsSync(path)) throw new Error('Failed to set path');
    this.paths.set(name, path);
  }
  requestSingleInstanceLock(): boolean { return this.lockGranted; }
  quit(): void {
    const event = preventable();
    this.emit('before-quit', event);
    if (!event.defaultPrevented) this.exit(0);
  }
  exit(code: number): void {
    this.exitCode = code;
    this.emit('quit', {}, code);
  }
}

export function preventable<T extends object>(fields?: T): T & { defaultPrevented: boolean; preventDefault(): void } {
  const event = { ...fields, defaultPrevented: false, preventDefault: () => { event.defaultPrevented = true; } } as T & { defaultPrevented: boolean; preventDefault(): void };
  return event;
}

export class FakeIpcMain {
  readonly handlers = new Map<string, Handler>();
  handle(channel: string, handler: Handler): void {
    if (this.handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    this.handlers.set(channel, handler);
  }
  /** As if a frame had called ipcRenderer.invoke. */
  async invoke(event: unknown, channel: string, ...args: unknown[]): Promise<unknown> {
    const handler = this.handlers.get(channel);
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
    return structuredClone(await handler(event, ...structuredClone(args)));
  }
}

export class FakeProtocol {
  readonly handlers = new Map<string, ProtocolHandler>();
  handle(scheme: string, handler: ProtocolHandler): void {
    if (this.handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
    this.handlers.set(scheme, handler);
  }
  unhandle(scheme: string): void { this.handlers.delete(scheme); }
}

type BeforeRequest = (details: { url: string }, answer: (response: { cancel?: boolean }) => void) => void;

export class FakeSession extends EventEmitter {
  readonly protocol = new FakeProtocol();
  readonly partition: string;
  permissionRequest: ((contents: unknown, permission: string, answer: (allowed: boolean) => void, details: { isMainFrame: boolean; requestingUrl: string }) => void) | null = null;
  permissionCheck: ((contents: unknown, permission: string, origin: string) => boolean) | null = null;
  devicePermission: (() => boolean) | null = null;
  spellChecker = true;
  beforeRequest: BeforeRequest | null = null;
  readonly webRequest = { onBeforeRequest: (listener: BeforeRequest) => { this.beforeRequest = listener; } };
  constructor(partition: string) {
    super();
    this.partition = partition;
  }
  setPermissionRequestHandler(handler: NonNullable<FakeSession['permissionRequest']>): void { this.permissionRequest = handler; }
  setPermissionCheckHandler(handler: NonNullable<FakeSession['permissionCheck']>): void { this.permissionCheck = handler; }
  setDevicePermissionHandler(handler: () => boolean): void { this.devicePermission = handler; }
  setSpellCheckerEnabled(enabled: boolean): void { this.spellChecker = enabled; }
  allowsRequest(url: string): boolean {
    let allowed = true;
    this.beforeRequest?.({ url }, ({ cancel }) => { allowed = cancel !== true; });
    return allowed;
  }
}

export interface FakeFrame {
  readonly url: string;
  readonly origin: string;
  readonly parent: FakeFrame | null;
}

export class FakeWebContents extends EventEmitter {
  mainFrame: FakeFrame = { url: 'about:blank', origin: 'null', parent: null };
  windowOpenHandler: ((details: { url: string }) => { action: string }) | null = null;
  readonly sent: unknown[][] = [];
  setWindowOpenHandler(handler: NonNullable<FakeWebContents['windowOpenHandler']>): void { this.windowOpenHandler = handler; }
  send(...message: unknown[]): void {
    const cloned = structuredClone(message);
    this.sent.push(cloned);
    this.emit('fake-sent', cloned);
  }
}

export interface FakeWindowOptions {
  readonly webPreferences: Record<string, unknown> & { preload: string; session: FakeSession };
  readonly [name: string]: unknown;
}

export class FakeBrowserWindow extends EventEmitter {
  readonly webContents = new FakeWebContents();
  readonly options: FakeWindowOptions;
  destroyed = false;
  focused = 0;
  constructor(options: FakeWindowOptions, app: FakeApp) {
    super();
    this.options = options;
    if (!app.ready) throw new Error('Cannot create BrowserWindow before app is ready');
    app.emit('web-contents-created', {}, this.webContents);
  }
  async loadURL(url: string): Promise<void> {
    this.webContents.mainFrame = { url, origin: new URL(url).protocol + '//' + new URL(url).host, parent: null };
    this.emit('fake-load', url);
    this.emit('ready-to-show');
  }
  show(): void { this.emit('show'); }
  focus(): void { this.focused += 1; }
  restore(): void { this.emit('restore'); }
  isMinimized(): boolean { return false; }
  isDestroyed(): boolean { return this.destroyed; }
  close(): void {
    this.destroyed = true;
    this.emit('closed');
  }
}

/** A utility process: Node with `process.parentPort`, and without a standard input. */
function forkUtilityProcess(script: string, args: readonly string[], options: { stdio?: 'pipe' | 'ignore'; env?: Record<string, string> }) {
  const parentPort = fileURLToPath(new URL('./parent-port.mjs', import.meta.url));
  const output = options.stdio === 'pipe' ? 'pipe' : 'ignore';
  const child = fork(script, [...args], { serialization: 'advanced', execArgv: ['--import', parentPort], env: options.env ?? process.env, stdio: ['ignore', output, output, 'ipc'] });
  const facade = new EventEmitter();
  child.on('message', (message) => facade.emit('message', message));
  child.once('exit', (code) => facade.emit('exit', code ?? 1));
  child.once('spawn', () => facade.emit('spawn'));
  return Object.assign(facade, {
    get pid() { return child.pid; },
    stdout: child.stdout, stderr: child.stderr,
    postMessage: (message: unknown) => void child.send(message as object),
    kill: () => child.kill('SIGTERM'),
  });
}

export interface FakeElectron {
  readonly apis: ElectronApis;
  readonly app: FakeApp;
  readonly ipcMain: FakeIpcMain;
  readonly sessions: Map<string, FakeSession>;
  readonly windows: FakeBrowserWindow[];
  readonly schemes: unknown[];
  readonly openedExternally: string[];
  readonly menus: unknown[];
}

/** @param onWindow sees each window when it is made */
export function createFakeElectron(onWindow: (window: FakeBrowserWindow) => void = () => undefined): FakeElectron {
  const app = new FakeApp();
  const ipcMain = new FakeIpcMain();
  const sessions = new Map<string, FakeSession>();
  const windows: FakeBrowserWindow[] = [];
  const schemes: unknown[] = [];
  const openedExternally: string[] = [];
  const menus: unknown[] = [];
  class BrowserWindow extends FakeBrowserWindow {
    constructor(options: FakeWindowOptions) {
      super(options, app);
      windows.push(this);
      onWindow(this);
    }
  }
  const apis = {
    app, ipcMain, BrowserWindow,
    Menu: { setApplicationMenu: (menu: unknown) => void menus.push(menu) },
    protocol: {
      registerSchemesAsPrivileged(rows: unknown[]) {
        if (app.ready) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
        schemes.push(...rows);
      },
    },
    session: {
      fromPartition(partition: string) {
        const known = sessions.get(partition) ?? new FakeSession(partition);
        sessions.set(partition, known);
        return known;
      },
    },
    shell: { openExternal: async (url: string) => void openedExternally.push(url) },
    utilityProcess: { fork: forkUtilityProcess },
  };
  // Only what the shell uses is there; the compiler cannot know that the rest is not needed.
  return { apis: apis as unknown as ElectronApis, app, ipcMain, sessions, windows, schemes, openedExternally, menus };
}
