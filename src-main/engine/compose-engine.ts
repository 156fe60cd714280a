/** Puts the desktop engine together from its parts: the one place that knows them all. Used by every shell and by the headless demo. Only constructs and connects. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AppInfo, DesktopEngine, Settings } from '#shared/contract/desktop/desktop-contract.ts';
import type { ErrorData } from '#shared/errors/app-error.ts';
import type { ErrorCode } from '#shared/errors/error-table.ts';
import { createBidTool } from '../bids/bid-tool.ts';
import { fontPath } from '../bids/pages/write-pdf.ts';
import { createCaClient } from '../ca-client/ca-client.ts';
import { thisSystem, type SystemView } from '../diagnosis/system-view.ts';
import type { DeedJournal } from '../journal/deed-record.ts';
import { openJournal } from '../journal/journal.ts';
import { openLedger } from '../ledger/sqlite-ledger.ts';
import { createLog, type Log } from '../report/log.ts';
import { inspectBid } from '../sealing/sealed-file.ts';
import { createSealingMeans } from '../sealing/sealing-means.ts';
import { openSettings } from '../settings/settings-store.ts';
import { createDesktopCrypto } from '../sm-engine/desktop-crypto.ts';
import { openSmEngine } from '../sm-engine/open-engine.ts';
import { createTokenHostClient, findInstalledDrivers, type TokenHostClient } from '../token/create-token-host-client.ts';
import type { CallLimits } from '../token/driver-process.ts';
import type { DriverConfig } from '../token/driver-watch.ts';
import { thisMachine } from '../token/find-library.ts';
import { forkHostSpawner, type HostSpawner } from '../token/host-spawner.ts';
import { interfaceOfLibrary } from '../token/library-interface.ts';
import { ownLibraryFolder } from '../token/own-libraries.ts';
import { loadUkeyModels } from '../ukey-models/load-ukey-models.ts';
import { createCertificateTools } from '../writing/certificate-tools.ts';
import { bidLedgerOf } from './bid-ledger-of.ts';
import { createDesktopEngine } from './desktop-engine.ts';

export interface ComposeEngineOptions {
  /** Must be held by the caller alone (DATA_FOLDER_LOCKED is the shell's to find out). */
  readonly dataFolder: string;
  /** The folder `resources` of the program. */
  readonly resourcesFolder: string;
  readonly shell: AppInfo['shell'];
  readonly version: string;
  readonly demo: boolean;
  /** Stands above the address in the settings for this run: the embedded CA, or a flag. */
  readonly caBaseUrl: string | null;
  /** Drivers beside those that are installed on the machine; a driver of the same model replaces the installed one (demo keys). */
  readonly drivers: readonly DriverConfig[];
  /** How host processes are started; by default as children of Node. */
  readonly hostSpawner?: HostSpawner;
  /** How the process is started that reads PDFs of bids; by default as a child of Node. */
  readonly pdfReaderSpawner?: HostSpawner;
  /** False: only `drivers` and those of the settings. */
  readonly useInstalledDrivers?: boolean;
  /** What the diagnosis sees of the machine; tests play another one. */
  readonly systemView?: SystemView;
  /** Time limits of the diagnosis when it loads a driver, milliseconds. */
  readonly probeLimits?: CallLimits;
  /** The computer's clock when absent; tests set it wrong, as office computers have it. */
  readonly now?: () => Date;
  /** Tests put a journal of theirs around the real one. */
  readonly wrapJournal?: (journal: DeedJournal) => DeedJournal;
}

export interface ComposedEngine {
  readonly engine: DesktopEngine;
  readonly log: Log;
  readonly tokens: TokenHostClient;
  /** Time spent waiting for the CA service since the start, for the bench. */
  networkMilliseconds(): number;
  close(): Promise<void>;
}

/** @throws UKEY_MODEL_INVALID */
export async function composeEngine(options: ComposeEngineOptions): Promise<ComposedEngine> {
  mkdirSync(options.dataFolder, { recursive: true, mode: 0o700 });
  const now = options.now ?? (() => new Date());
  const log = createLog({ now, file: join(options.dataFolder, 'bidkey.log') });
  const settings = openSettings(join(options.dataFolder, 'settings.json'), now);
  const opened = openJournal(join(options.dataFolder, 'journal.db'), now);
  const ledger = openLedger(join(options.dataFolder, 'ledger.db'), now);
  const smEngine = openSmEngine();
  const notices = noticesOf(smEngine.notice, { SETTINGS_INVALID: settings.setAsideAs, JOURNAL_DAMAGED: opened.setAsideAs, LEDGER_DAMAGED: ledger.setAsideAs });
  for (const notice of notices) log.error('notice', { code: notice.code, ...notice.details });

  const modelsFolder = join(options.resourcesFolder, 'ukey-models');
  const ownLibraryFolders = [ownLibraryFolder(options.resourcesFolder)];
  const installed = options.useInstalledDrivers === false ? [] : await findInstalledDrivers(modelsFolder, ownLibraryFolders);
  const driversFor = (extra: Settings['extraDrivers']) => allDrivers(installed, options.drivers, extra);
  const tokens = await createTokenHostClient({
    drivers: driversFor(settings.get().extraDrivers), modelsFolder, ownLibraryFolders, logger: log,
    ...(options.hostSpawner === undefined ? {} : { spawner: options.hostSpawner }),
  });

  const crypto = createDesktopCrypto(smEngine.engine);
  const means = createSealingMeans(smEngine.engine, now);
  let networkMilliseconds = 0;
  const engine = createDesktopEngine({
    appInfo: { version: options.version, shell: options.shell, platform: process.platform, processor: process.arch, demo: options.demo, dataFolder: options.dataFolder, ...(notices.length === 0 ? {} : { notices }) },
    tokens, settings, crypto, log, now,
    journal: options.wrapJournal?.(opened.journal) ?? opened.journal,
    ledgerStore: ledger.store,
    inspectSealedFile: (path) => inspectBid(path, means),
    openBidTool: ({ tokens: port, ledger: kept, caBaseUrl, emit }) => createBidTool({ folder: join(options.dataFolder, 'bids'), font: fontPath(options.resourcesFolder), ...(options.pdfReaderSpawner === undefined ? {} : { pdfReaderSpawner: options.pdfReaderSpawner }), tokens: port, means, ledger: bidLedgerOf(kept), caBaseUrl, monotonicMs: () => performance.now(), log, emit }),
    certificates: createCertificateTools(crypto),
    createCaClient: (baseUrl) => createCaClient({ baseUrl, monotonicMs: () => performance.now(), onExchange: ({ ms }) => { networkMilliseconds += ms; } }),
    factoryAdministratorPin: ({ driverId }) => driversFor(settings.get().extraDrivers).find((driver) => driver.driverId === driverId)?.factoryAdministratorPin ?? null,
    caBaseUrlOverride: options.caBaseUrl,
    listUkeyModels: async () => tokens.ukeyModels(),
    machine: {
      system: options.systemView ?? thisSystem(), probe: { spawner: options.hostSpawner ?? forkHostSpawner(), machine: thisMachine(ownLibraryFolders), ...(options.probeLimits === undefined ? {} : { limits: options.probeLimits }) },
      models: async () => (await loadUkeyModels(modelsFolder)).map(({ profile }) => profile),
      drivers: () => driversFor(settings.get().extraDrivers),
    },
    onExtraDriversChanged: (extra) => tokens.setDrivers(driversFor(extra)),
  });
  log.info('engine started', { version: options.version, shell: options.shell, demo: options.demo });
  return { engine, log, tokens, networkMilliseconds: () => networkMilliseconds, close: () => engine.close() };
}

function noticesOf(engineNotice: ErrorData | null, setAside: Partial<Record<ErrorCode, string | null>>): ErrorData[] {
  const damaged = Object.entries(setAside) as [ErrorCode, string | null][];
  return [...(engineNotice === null ? [] : [engineNotice]), ...damaged.flatMap(([code, setAsideAs]) => (setAsideAs === null ? [] : [{ code, details: { setAsideAs } }]))];
}

/** A driver of one id runs once; what the person added stands above what was found. */
export function allDrivers(installed: readonly DriverConfig[], given: readonly DriverConfig[], extra: Settings['extraDrivers']): DriverConfig[] {
  const added: DriverConfig[] = extra.map(({ id, modelId, libraryPath }) => ({ driverId: id, modelId, libraryPath, interface: interfaceOfLibrary(libraryPath) }));
  const others = installed.filter((one) => !given.some((mine) => mine.modelId === one.modelId));
  const byId = new Map([...others, ...given, ...added].map((driver) => [driver.driverId, driver]));
  return [...byId.values()];
}
