/** What Windows itself says: providers of keys in its registry, the smart card service, libraries that a driver needs. Read by its own programs `reg` and `sc`. */
import { dirname, win32 } from 'node:path';
import { LIBRARY_HEADER_BYTES, readLibraryHeader } from '../token/library-header.ts';
import type { Found } from './findings.ts';
import type { SystemView } from './system-view.ts';

/** One key of the registry with its text values. */
export interface RegistryKey {
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
}

const PROVIDERS = 'HKLM\\SOFTWARE\\Microsoft\\Cryptography\\Defaults\\Provider';
/** Where a provider says which library carries it out; the second is the habit of makers of SKF keys. */
const LIBRARY_VALUES = ['Image Path', 'SKFImagePath'] as const;
/** Those of Windows itself. */
const OWN_PROVIDERS = /^Microsoft /;

/** What `reg query … /s` prints. Lines of another form are left out. */
export function readRegistry(text: string): RegistryKey[] {
  const keys: { name: string; values: Record<string, string> }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const value = /^ {4}(.+?) {4}REG_(?:SZ|EXPAND_SZ) {4}(.*)$/.exec(line);
    if (value) {
      const last = keys.at(-1);
      if (last) last.values[value[1] ?? ''] = value[2] ?? '';
    } else if (/^HKEY_/.test(line)) {
      keys.push({ name: line.trim(), values: {} });
    }
  }
  return keys;
}

/** What `sc query` prints. @returns for example RUNNING; null when it says nothing of a state */
export const readServiceState = (text: string): string | null => /STATE\s*:\s*\d+\s+([A-Z_]+)/.exec(text)?.[1] ?? null;

export async function lookAtWindows(system: SystemView, found: Found): Promise<void> {
  const service = await system.run('sc.exe', ['query', 'SCardSvr']);
  const state = service === null ? null : readServiceState(service);
  found(state === 'RUNNING' ? 'SMART_CARD_SERVICE_RUNS' : 'SMART_CARD_SERVICE_STOPPED', '', { state: state ?? 'unknown' });
  for (const view of ['/reg:64', '/reg:32']) {
    const text = await system.run('reg.exe', ['query', PROVIDERS, '/s', view]);
    for (const key of readRegistry(text ?? '')) await lookAtProvider(key, view === '/reg:64' ? 64 : 32, system, found);
  }
}

async function lookAtProvider(key: RegistryKey, bits: 32 | 64, system: SystemView, found: Found): Promise<void> {
  const name = key.name.slice(key.name.lastIndexOf('\\') + 1);
  if (OWN_PROVIDERS.test(name)) return;
  for (const value of LIBRARY_VALUES) {
    const entry = key.values[value];
    if (entry === undefined) continue;
    const path = win32.isAbsolute(entry) ? entry : win32.join(systemFolder(bits), entry);
    const bytes = await system.read(path, LIBRARY_HEADER_BYTES);
    const header = bytes === null ? null : readLibraryHeader(bytes);
    const facts = { provider: name, path, registryBits: bits, processor: header?.processors.join(', ') ?? null };
    found(bytes === null ? 'DRIVER_REGISTERED_MISSING' : 'DRIVER_REGISTERED', `${name} ${value} ${bits}`, facts);
  }
}

const systemRoot = () => process.env['SystemRoot'] ?? 'C:\\Windows';
/** A 64-bit process sees the libraries of 32-bit ones under SysWOW64. */
const systemFolder = (bits: 32 | 64) => win32.join(systemRoot(), bits === 64 ? 'System32' : 'SysWOW64');

/** API sets are names without files, and some libraries are always there. */
const ALWAYS_THERE = /^(api-ms-|ext-ms-|kernel32|ntdll|user32|advapi32|gdi32|ws2_32|ole32|oleaut32|shell32|crypt32|winscard|setupapi|hid|rpcrt4|version|comctl32|comdlg32|msvcrt|bcrypt|ncrypt|winmm|shlwapi|psapi|iphlpapi|wintrust)/i;

/** @returns those that are neither beside the library nor in the folders of Windows */
export async function missingWindowsLibraries(libraryPath: string, imports: readonly string[], system: SystemView): Promise<string[]> {
  const folders = [dirname(libraryPath), systemFolder(64), systemFolder(32), systemRoot()];
  const missing: string[] = [];
  for (const name of imports) {
    if (ALWAYS_THERE.test(name)) continue;
    const states = await Promise.all(folders.map((folder) => system.state(win32.join(folder, name))));
    if (states.every((state) => state === null)) missing.push(name);
  }
  return missing;
}
