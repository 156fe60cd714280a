/**
 * What a bid command works with: sealing on this machine's engine, and keys through a token host of its own. No CA service, no journal, no data folder of a running
 * BidKey is touched; only the drivers that its settings name are taken over.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase64 } from '#shared/bytes/base64.ts';
import type { TokenCertificate } from '#shared/contract/desktop/tokens.ts';
import { refuse, type AppError } from '#shared/errors/app-error.ts';
import { seenCertificatesOf } from '../../../ledger/sqlite-ledger.ts';
import { createSealingMeans, type SealingMeans } from '../../../sealing/sealing-means.ts';
import { readTokenKeys, type TokenKeys } from '../../../sealing/token-keys.ts';
import { openSmEngine } from '../../../sm-engine/open-engine.ts';
import { prepareDemoKey } from '../../../demo/demo-key.ts';
import { prepareDemoSoftUkey } from '../../../demo/demo-soft-ukey.ts';
import { allDrivers } from '../../../engine/compose-engine.ts';
import { openSettings } from '../../../settings/settings-store.ts';
import { createTokenHostClient, findInstalledDrivers, type TokenHostClient } from '../../../token/create-token-host-client.ts';
import type { DriverConfig } from '../../../token/driver-watch.ts';
import { ownLibraryFolder } from '../../../token/own-libraries.ts';
import { passPinGate, pinBytes } from '../../../writing/pin-gate.ts';
import { defaultDataFolder } from '../../launch/data-folder.ts';
import { askPin } from '../ask.ts';
import { chooseKey } from '../find-key.ts';
import type { Terminal } from '../terminal.ts';
import type { Say } from '../texts.ts';

export interface PinOptions {
  readonly pinFd?: number;
  readonly confirmFewTries?: boolean;
}

export interface BidContext {
  readonly terminal: Terminal;
  readonly say: Say;
  readonly means: SealingMeans;
  /** Ends the running deed. */
  readonly signal: AbortSignal;
  readonly dataFolder: string;
  /** The encryption certificate of a plugged key, without a PIN. @throws TOKEN_…, KEY_NOT_FOUND when it shows none before login */
  openerOfKey(wanted: string): Promise<Uint8Array>;
  /** Logs in, runs the deed with the keys of that login, logs out. @param wanted serial, or driver:serial @throws PIN_…, TOKEN_… */
  withKey<T>(wanted: string, pin: PinOptions, deed: (keys: TokenKeys) => Promise<T>): Promise<T>;
}

export interface BidContextOptions {
  readonly terminal: Terminal;
  readonly say: Say;
  readonly signal: AbortSignal;
  readonly resourcesFolder: string;
  readonly data: string | undefined;
  readonly demo: boolean;
}

export interface OpenBidContext extends BidContext {
  close(): Promise<void>;
}

export function openBidContext(options: BidContextOptions): OpenBidContext {
  const { terminal, say, signal } = options;
  const dataFolder = chooseDataFolder(options);
  let tokens: Promise<TokenHostClient> | null = null;
  const tokenHost = () => (tokens ??= startTokenHost(options.resourcesFolder, dataFolder));
  return {
    terminal, say, signal, dataFolder,
    means: createSealingMeans(openSmEngine().engine),
    async openerOfKey(wanted) {
      const token = chooseKey((await (await tokenHost()).list()).tokens, wanted);
      return newestOpener(token.certificates) ?? refuse('KEY_NOT_FOUND', { serial: token.ref.serial, purpose: 'encrypt' });
    },
    async withKey(wanted, pinOptions, deed) {
      const client = await tokenHost();
      const token = chooseKey((await client.list()).tokens, wanted);
      passPinGate(token.pin, pinOptions.confirmFewTries ?? false);
      terminal.note(say('bidKey', { label: token.label, serial: token.ref.serial }));
      const session = await client.logIn(token.ref, pinBytes(await askPin({ terminal, say }, pinOptions.pinFd, token.pin)));
      try {
        return await deed(await readTokenKeys(session, seenCertificatesOf(join(dataFolder, 'ledger.db'))));
      } finally {
        await session.close();
      }
    },
    async close() {
      // One that failed to start has nothing to close, and was told to whoever waited for it.
      await tokens?.then((client) => client.close(), (_failed: AppError) => undefined);
    },
  };
}

/** Of those for encryption that are valid now, the one certified last: the others are history. */
function newestOpener(certificates: readonly TokenCertificate[]): Uint8Array | null {
  const now = new Date().toISOString();
  const [newest] = certificates
    .filter(({ purpose, notBeforeUtc, notAfterUtc }) => purpose === 'encrypt' && notBeforeUtc <= now && now < notAfterUtc)
    .sort((one, other) => other.notBeforeUtc.localeCompare(one.notBeforeUtc));
  return newest ? fromBase64(newest.certificateDer) : null;
}

/** As the other commands: what was named, else the production one, else the demo that `npm start` has begun. */
function chooseDataFolder({ data, demo }: Pick<BidContextOptions, 'data' | 'demo'>): string {
  if (data !== undefined) return data;
  const [production, ofDemo] = [defaultDataFolder('production'), defaultDataFolder('demo')];
  return demo || (!existsSync(production) && existsSync(ofDemo)) ? ofDemo : production;
}

async function startTokenHost(resourcesFolder: string, dataFolder: string): Promise<TokenHostClient> {
  const modelsFolder = join(resourcesFolder, 'ukey-models');
  const ownFolder = ownLibraryFolder(resourcesFolder);
  const settingsFile = join(dataFolder, 'settings.json');
  const extra = existsSync(settingsFile) ? openSettings(settingsFile, () => new Date()).get().extraDrivers : [];
  const drivers = allDrivers(await findInstalledDrivers(modelsFolder, [ownFolder]), await demoDrivers(dataFolder, ownFolder), extra);
  return createTokenHostClient({ drivers, modelsFolder, ownLibraryFolders: [ownFolder] });
}

/** Demo keys are used where a demo has made them; none are made here. */
async function demoDrivers(dataFolder: string, ownFolder: string): Promise<DriverConfig[]> {
  const [softHsm, softUkey] = [join(dataFolder, 'demo-key'), join(dataFolder, 'demo-sm2-key')];
  return [
    ...(existsSync(softHsm) ? [(await prepareDemoKey(softHsm)).driver] : []),
    ...(existsSync(softUkey) ? [(await prepareDemoSoftUkey({ folder: softUkey, nativeFolder: ownFolder })).driver] : []),
  ];
}
