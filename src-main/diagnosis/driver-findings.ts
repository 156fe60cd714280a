/**
 * Drivers: for every model, which of its library files are on this machine, whether each is whole, for this processor and system, finds what it needs, and
 * loads. Rule: the first thing that is wrong with a file is its finding; loading is tried only when nothing was wrong before.
 */
import { join, isAbsolute } from 'node:path';
import type { DriverConfig } from '../token/driver-watch.ts';
import { LIBRARY_HEADER_BYTES, readLibraryHeader, type LibraryHeader } from '../token/library-header.ts';
import type { LibraryPlace, TokenInterface, UkeyModelProfile } from '../ukey-models/ukey-model-profile.ts';
import { readElfNeeds, type ReadAt } from './elf-dynamic.ts';
import type { Found } from './findings.ts';
import { missingLibraries, newerGlibcWanted } from './linux-libraries.ts';
import { readPeImports } from './pe-imports.ts';
import { probeDriver, type ProbePorts } from './probe-driver.ts';
import type { SystemView } from './system-view.ts';
import { missingWindowsLibraries } from './windows-facts.ts';

export interface DriverQuestion {
  readonly models: readonly UkeyModelProfile[];
  /** Drivers that run here: installed ones, those of the settings, demo keys. */
  readonly drivers: readonly DriverConfig[];
  /** A writing runs: nothing is loaded beside it. */
  readonly busy: boolean;
}

/** A library that was found and what loads it. */
export interface FoundLibrary {
  readonly modelId: string;
  readonly path: string;
}

/** @returns every library file that was found, good or not */
export async function lookAtDrivers(question: DriverQuestion, system: SystemView, probe: ProbePorts, found: Found): Promise<FoundLibrary[]> {
  const libraries: FoundLibrary[] = [];
  for (const model of question.models) {
    const candidates = await candidatesOf(model, question.drivers, system, probe);
    if (candidates.length === 0) {
      found('DRIVER_ABSENT', model.id, { model: model.id, looked: namesOf(model, system) });
      continue;
    }
    for (const candidate of candidates) {
      libraries.push({ modelId: model.id, path: candidate.path });
      await lookAtLibrary(candidate, model, question, { system, probe, found });
    }
  }
  return libraries;
}

interface Candidate {
  readonly path: string;
  readonly interface: TokenInterface;
  /** How it runs here, when it does. */
  readonly config: DriverConfig | null;
}

interface Means {
  readonly system: SystemView;
  readonly probe: ProbePorts;
  readonly found: Found;
}

/** What the person or the demo named stands alone; else every place that the profile knows, for any processor: a wrong one is to be told by name. */
async function candidatesOf(model: UkeyModelProfile, drivers: readonly DriverConfig[], system: SystemView, { machine }: ProbePorts): Promise<Candidate[]> {
  const named = drivers.flatMap((config) => (config.modelId === model.id && config.libraryPath !== null ? [{ path: config.libraryPath, interface: config.interface, config }] : []));
  if (named.length > 0) return named;
  const running = drivers.find((config) => config.modelId === model.id) ?? null;
  const here: Candidate[] = [];
  for (const { place, path } of placesOf(model, system, machine.libraryFolders)) {
    if (here.some((one) => one.path === path && one.interface === place.interface) || (await system.state(path))?.kind !== 'file') continue;
    here.push({ path, interface: place.interface, config: running?.interface === place.interface ? running : null });
  }
  return here;
}

/** Folders of other processors on a machine that runs several. */
const OTHER_FOLDERS = ['/usr/lib32', '/usr/lib/i386-linux-gnu', '/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib/loongarch64-linux-gnu', '/usr/lib/mips64el-linux-gnuabi64'];

function placesOf(model: UkeyModelProfile, system: SystemView, folders: readonly string[]): { readonly place: LibraryPlace; readonly path: string }[] {
  const all = system.platform === 'linux' ? [...new Set([...folders, ...OTHER_FOLDERS])] : folders;
  return model.libraries.filter(({ platform }) => platform === system.platform)
    .flatMap((place) => place.paths.flatMap((name) => (isAbsolute(name) ? [{ place, path: name }] : all.map((folder) => ({ place, path: join(folder, name) })))));
}

const namesOf = (model: UkeyModelProfile, system: SystemView) => [...new Set(model.libraries.filter(({ platform }) => platform === system.platform).flatMap(({ paths }) => paths))];

async function lookAtLibrary(candidate: Candidate, model: UkeyModelProfile, question: DriverQuestion, means: Means): Promise<void> {
  const about = { model: model.id, path: candidate.path };
  const { system, found } = means;
  const say: Found = (code, _about, facts) => found(code, candidate.path, { ...about, ...facts });
  const state = await system.state(candidate.path);
  const header = readLibraryHeader((await system.read(candidate.path, LIBRARY_HEADER_BYTES)) ?? new Uint8Array(0));
  if (state === null || state.kind !== 'file') return say('DRIVER_ABSENT', '', { looked: [candidate.path] });
  if (header === null) return say('DRIVER_NO_LIBRARY', '');
  if (header.platform !== system.platform || !header.processors.includes(system.processor)) return say('DRIVER_OTHER_PROCESSOR', '', { wanted: `${system.platform} ${system.processor}`, found: `${header.platform} ${header.processors.join(', ')}` });
  if (state.bytes < header.leastFileBytes) return say('DRIVER_CUT_OFF', '', { bytes: state.bytes, leastBytes: header.leastFileBytes });
  if (!(await hasItsNeeds(candidate, header, means, say))) return;
  if (!(await exportsInterface(candidate, system))) return say('DRIVER_WRONG_INTERFACE', '', { wanted: candidate.interface });
  if (question.busy) return say('DRIVER_NOT_TRIED', '', { reason: 'writing' });
  await tryLoading(candidate, model, means, say);
}

const MAX_LIBRARY_BYTES = 256 * 1024 * 1024;
const TELLING: Readonly<Record<TokenInterface, string>> = { pkcs11: 'C_GetFunctionList', skf: 'SKF_EnumDev' };

/** Names of functions stand in a library as they are, in every format. */
async function exportsInterface({ path, interface: face }: Candidate, system: SystemView): Promise<boolean> {
  const bytes = await system.read(path, Math.min((await system.state(path))?.bytes ?? 0, MAX_LIBRARY_BYTES));
  return bytes !== null && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(TELLING[face]);
}

/** @returns false when something that it needs is missing; then that has been said */
async function hasItsNeeds(candidate: Candidate, header: LibraryHeader, { system }: Means, say: Found): Promise<boolean> {
  const readAt: ReadAt = async (offset, length) => (await system.readAt(candidate.path, offset, length)) ?? new Uint8Array(0);
  if (header.platform === 'win32') {
    const imports = await readPeImports(readAt);
    if (imports === null) return said(say, 'DRIVER_DAMAGED');
    const missing = await missingWindowsLibraries(candidate.path, imports, system);
    return missing.length === 0 || said(say, 'DRIVER_NEEDS_LIBRARIES', { missing });
  }
  if (header.platform !== 'linux') return true;
  const needs = await readElfNeeds(readAt);
  if (needs === null) return said(say, 'DRIVER_DAMAGED');
  const newer = newerGlibcWanted(needs, system.glibcVersion);
  if (newer !== null) return said(say, 'DRIVER_NEEDS_NEWER_SYSTEM', { wanted: `glibc ${newer}`, present: `glibc ${system.glibcVersion ?? ''}` });
  const missing = await missingLibraries(candidate.path, needs, system);
  if (missing.length > 0) return said(say, 'DRIVER_NEEDS_LIBRARIES', { missing });
  const wantsPcscd = needs.libraries.some((name) => name.startsWith('libpcsclite.so'));
  if (wantsPcscd && (await system.state(PCSCD_SOCKET))?.kind !== 'socket') return said(say, 'DRIVER_NEEDS_PCSCD', { socket: PCSCD_SOCKET });
  return true;
}

export const PCSCD_SOCKET = '/run/pcscd/pcscd.comm';

function said(say: Found, ...[code, facts]: readonly [Parameters<Found>[0], Parameters<Found>[2]?]): false {
  say(code, '', facts);
  return false;
}

/** What the token host answers, as a finding. Further codes of it are refusals by the library. */
const FAILURES: Readonly<Record<string, Parameters<Found>[0]>> = { DRIVER_TIMEOUT: 'DRIVER_HANGS', DRIVER_CRASHED: 'DRIVER_CRASHES', DRIVER_NONSENSE: 'DRIVER_CRASHES', DRIVER_WRONG_PROCESSOR: 'DRIVER_OTHER_PROCESSOR' };

async function tryLoading(candidate: Candidate, model: UkeyModelProfile, { probe }: Means, say: Found): Promise<void> {
  const config = { driverId: model.id, modelId: model.id, interface: candidate.interface, ...(candidate.config?.environment === undefined ? {} : { environment: candidate.config.environment }), libraryPath: candidate.path };
  const result = await probeDriver(config, model, probe);
  if (result.loads) return say('DRIVER_LOADS', '', { interface: candidate.interface, keys: result.keys });
  say(FAILURES[result.code] ?? 'DRIVER_REFUSES', '', { ...result.details, interface: candidate.interface, code: result.code });
}
