/** Puts the service together: data folder, secrets, store, authorities, ports. Only constructs and connects. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorData } from '#shared/errors/app-error.ts';
import { argon2Hasher } from './accounts/argon2-hasher.ts';
import { recordFirstStart } from './audit/record-first-start.ts';
import { DAY_MS, type Clock } from './clock.ts';
import type { CaConfig } from './config.ts';
import { cursorCodec } from './cursors/cursor.ts';
import { checkDemoFolder, demoPassword } from './demo/demo-password.ts';
import { DEMO_LOGIN_NAME } from './demo/demo-names.ts';
import { seedDemo } from './demo/seed-demo.ts';
import type { ReachFaultPoint } from './issuance/fault-points.ts';
import { OneAtATime } from './issuance/one-at-a-time.ts';
import { readCertificateText } from './issuance/read-certificate-text.ts';
import { openAuthorities } from './open-authorities.ts';
import { CallsInFlight } from './once/call-once.ts';
import type { CaPorts } from './ports.ts';
import { materialFiles } from './requests/material-files.ts';
import { MATERIALS_KEPT_DAYS } from './requests/materials.ts';
import { NO_MESSAGE_PROVIDER, NO_PAYMENT_PROVIDER, SANDBOX_PATH, sandboxMessageProvider, sandboxPaymentProvider } from './sandbox/sandbox-providers.ts';
import { CrlPublisher, systemWait } from './revocation/crl-publisher.ts';
import { equalHex, newPepper, pepperedSecrets } from './secrets/pepper.ts';
import { readOrMakeSecretFile } from './secrets/secret-file.ts';
import { lockDataFolder } from './store/data-folder-lock.ts';
import { openSqlite } from './store/database.ts';
import { migrate } from './store/migrations.ts';
import { transactionsOf } from './store/store.ts';

export interface ComposeOptions {
  readonly dataFolder: string;
  readonly publicUrl: string;
  readonly version: string;
  readonly sandbox: boolean;
  readonly demo: boolean;
  readonly production: boolean;
  readonly keystorePassphraseFile: string | null;
  readonly signerToken: CaConfig['signerToken'];
  readonly organisation: string;
  /** Absent: `MATERIALS_KEPT_DAYS`. */
  readonly materialsKeptDays?: number;
  readonly onFault: (thrown: unknown) => void;
  readonly clock: Clock;
  readonly reachFaultPoint: ReachFaultPoint;
}

export interface ComposedCa {
  readonly ports: CaPorts;
  /** For the operator's log. */
  readonly notices: readonly ErrorData[];
  close(): Promise<void>;
}

/** @throws DATA_FOLDER_LOCKED, USAGE, AUTHORITY_DAMAGED, KEYSTORE_UNREADABLE */
export async function composeCa(options: ComposeOptions): Promise<ComposedCa> {
  const { dataFolder, publicUrl, clock } = options;
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const lock = lockDataFolder(dataFolder);
  const databaseFile = join(dataFolder, 'ca.sqlite');
  const pepperFile = join(dataFolder, 'secrets', 'pepper.key');
  // A new pepper beside an old database would make every code, cursor and seal in it wrong without a word.
  if (existsSync(databaseFile) && !existsSync(pepperFile)) throw new Error(`the secret ${pepperFile} is missing; restore it from the backup of the data folder`);
  checkDemoFolder(dataFolder, { demo: options.demo, production: options.production, firstStart: !existsSync(databaseFile) });
  // Both secrets before the database: a first start that is killed later on has left what its next one asks for.
  const password = options.demo ? demoPassword(dataFolder) : null;
  const secrets = pepperedSecrets(readOrMakeSecretFile(pepperFile, newPepper));
  const database = openSqlite(databaseFile);
  await migrate(database);
  const opened = await openAuthorities(options);
  const transactions = transactionsOf(database);
  const oneAtATime = new OneAtATime();
  const crlPublisher = new CrlPublisher({ ports: { transactions, oneAtATime, auditSeal: secrets.auditSeal, clock, authorities: opened.authorities }, onFault: options.onFault, wait: systemWait, randomFraction: Math.random });
  const ports: CaPorts = {
    service: {
      name: options.demo ? 'BidKey 演示 CA 服务 / BidKey DEMO CA service' : 'BidKey CA service',
      version: options.version,
      publicUrl,
      sandbox: options.sandbox ? { url: `${publicUrl}${SANDBOX_PATH}`, demoLogin: password === null ? null : { loginName: DEMO_LOGIN_NAME, password } } : null,
    },
    transactions,
    clock,
    passwordHasher: argon2Hasher(),
    tokenDigests: secrets.tokenDigests,
    auditSeal: secrets.auditSeal,
    codeHasher: secrets.codeHasher,
    textSeal: secrets.textSeal,
    cursors: cursorCodec(secrets.cursorMac, equalHex),
    requestMac: secrets.requestMac,
    callsInFlight: new CallsInFlight(),
    oneAtATime,
    messageProvider: options.sandbox ? sandboxMessageProvider(secrets.textSeal) : NO_MESSAGE_PROVIDER,
    paymentProvider: options.sandbox ? sandboxPaymentProvider(publicUrl) : NO_PAYMENT_PROVIDER,
    materialFiles: materialFiles(join(dataFolder, 'materials'), secrets.materialSeal),
    materialsKeptMs: (options.materialsKeptDays ?? MATERIALS_KEPT_DAYS) * DAY_MS,
    authorities: opened.authorities,
    rootCrls: opened.rootCrls,
    crypto: opened.crypto,
    crlPublisher,
    keyManagementCentre: opened.keyManagementCentre,
    readCertificate: readCertificateText,
    reachFaultPoint: options.reachFaultPoint,
  };
  await recordFirstStart(ports);
  if (password !== null) await seedDemo(ports, password);
  return {
    ports,
    notices: opened.notices,
    async close() {
      await crlPublisher.stop();
      await opened.close();
      await database.destroy();
      lock.release();
    },
  };
}
