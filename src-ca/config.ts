/** How the service is told what to do: flags first, then environment variables `BIDKEY_CA_…`, then defaults. */
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { AppError } from '#shared/errors/app-error.ts';
import { MATERIALS_KEPT_DAYS } from './requests/materials.ts';
import { FAULT_POINTS, KEY_FAULT_POINTS, REQUEST_FAULT_POINTS, type FaultPoint } from './issuance/fault-points.ts';

export interface SignerTokenConfig {
  readonly modulePath: string;
  readonly tokenLabel: string;
  readonly pinFile: string;
  /** Null: no SM2 authority. */
  readonly sm2MechanismsFile: string | null;
}

export interface CaConfig {
  readonly dataFolder: string;
  readonly host: string;
  /** 0: the port of the last run if it is free, else any. */
  readonly port: number;
  /** Null: the address that the service listens on. */
  readonly publicUrl: string | null;
  readonly sandbox: boolean;
  readonly demo: boolean;
  readonly production: boolean;
  readonly keystorePassphraseFile: string | null;
  /** Keys of the CA in a PKCS#11 token; null: in an encrypted keystore of the data folder. */
  readonly signerToken: SignerTokenConfig | null;
  /** Named in the CA certificates of a first start. */
  readonly organisation: string;
  /** After the end of a request that came to nothing. */
  readonly materialsKeptDays: number;
  readonly exitWithParent: boolean;
  readonly trustedProxies: readonly string[];
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  /** Ends the process at this point, as a crash would. For tests; refused in production. */
  readonly testOnlyKillAt: FaultPoint | null;
}

export const USAGE = `Usage: bidkey-ca --data DIR [options]
       bidkey-ca lint --data DIR [--json]
  --data DIR                       data folder (database, keystore, secrets)
  --host ADDRESS                   address to listen on (127.0.0.1)
  --port PORT                      port to listen on (0: the last one if free, else any)
  --public-url URL                 origin under which callers reach the service
  --sandbox                        sandbox payments and messages, page at /sandbox
  --demo                           demo authority, project and account on first start; implies --sandbox
  --production                     refuses the sandbox and the demo
  --keystore-passphrase-file FILE  passphrase of the CA keystore (default: one made in the data folder)
  --organisation NAME              name in the CA certificates of a first start (BidKey)
  --signer-module FILE             PKCS#11 library that holds the CA's keys (default: an encrypted keystore)
  --signer-token LABEL             its token
  --signer-pin-file FILE           file with the token's PIN
  --signer-sm2-mechanisms FILE     JSON with the module's numbers for SM2 (default: no SM2 authority in the token)
  --keep-materials DAYS            days for which materials outlive a request that came to nothing (30)
  --trusted-proxy ADDRESS          believe X-Forwarded-For of this proxy (may be repeated)
  --exit-with-parent               end when standard input ends
  --log-level LEVEL                silent, error, warn, info, debug (info)
Every option can also be given as an environment variable, for example BIDKEY_CA_PUBLIC_URL.`;

const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;

const OPTIONS = {
  data: { type: 'string' }, host: { type: 'string' }, port: { type: 'string' }, 'public-url': { type: 'string' },
  sandbox: { type: 'boolean' }, demo: { type: 'boolean' }, production: { type: 'boolean' }, 'keystore-passphrase-file': { type: 'string' },
  organisation: { type: 'string' }, 'signer-module': { type: 'string' }, 'signer-token': { type: 'string' }, 'signer-pin-file': { type: 'string' }, 'signer-sm2-mechanisms': { type: 'string' },
  'keep-materials': { type: 'string' }, 'trusted-proxy': { type: 'string', multiple: true }, 'exit-with-parent': { type: 'boolean' }, 'log-level': { type: 'string' },
} as const;

type TextOption = { [name in keyof typeof OPTIONS]: (typeof OPTIONS)[name] extends { readonly multiple: true } | { readonly type: 'boolean' } ? never : name }[keyof typeof OPTIONS];

/** @throws USAGE */
export function readConfig(args: readonly string[], environment: Readonly<Record<string, string | undefined>>): CaConfig {
  const flags = parseFlags(args);
  const fromEnvironment = (name: string) => environment[`BIDKEY_CA_${name.toUpperCase().replaceAll('-', '_')}`];
  const text = (name: TextOption) => flags[name] ?? fromEnvironment(name);
  const flag = (name: 'sandbox' | 'demo' | 'production' | 'exit-with-parent') => flags[name] ?? ['1', 'true'].includes(fromEnvironment(name) ?? '');
  const demo = flag('demo');
  const config: CaConfig = {
    dataFolder: text('data') ?? wrongUsage('--data is missing'),
    host: text('host') ?? '127.0.0.1',
    port: portOf(text('port') ?? '0'),
    publicUrl: publicUrlOf(text('public-url')),
    sandbox: flag('sandbox') || demo,
    demo,
    production: flag('production'),
    keystorePassphraseFile: text('keystore-passphrase-file') ?? null,
    signerToken: signerTokenOf(text('signer-module'), text('signer-token'), text('signer-pin-file'), text('signer-sm2-mechanisms')),
    organisation: text('organisation') ?? 'BidKey',
    materialsKeptDays: daysOf(text('keep-materials') ?? String(MATERIALS_KEPT_DAYS)),
    exitWithParent: flag('exit-with-parent'),
    trustedProxies: flags['trusted-proxy'] ?? fromEnvironment('trusted-proxy')?.split(',') ?? [],
    logLevel: LOG_LEVELS.find((level) => level === (text('log-level') ?? 'info')) ?? wrongUsage('--log-level is not one of the levels'),
    testOnlyKillAt: faultPointOf(environment['BIDKEY_CA_TEST_ONLY_KILL_AT']),
  };
  if (config.production && (config.sandbox || config.testOnlyKillAt !== null)) wrongUsage('--production allows no sandbox, demo or test door');
  if (config.production && config.keystorePassphraseFile === null) wrongUsage('--production needs --keystore-passphrase-file: the passphrase must not lie beside the keystore');
  if (isIP(config.host) === 0 && config.host !== 'localhost') wrongUsage('--host is not an address');
  return config;
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (thrown) {
    return wrongUsage(thrown instanceof Error ? thrown.message : 'unreadable');
  }
}

function portOf(text: string): number {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port <= 65_535 ? port : wrongUsage('--port is not a port');
}

function daysOf(text: string): number {
  return /^\d{1,4}$/.test(text) ? Number(text) : wrongUsage('--keep-materials is not a number of days');
}

function publicUrlOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  const url = URL.canParse(text) ? new URL(text) : wrongUsage('--public-url is not a URL');
  if (!['http:', 'https:'].includes(url.protocol) || url.origin !== text.replace(/\/$/, '')) wrongUsage('--public-url must be an origin, without a path');
  return url.origin;
}

function signerTokenOf(modulePath: string | undefined, tokenLabel: string | undefined, pinFile: string | undefined, sm2MechanismsFile: string | undefined): CaConfig['signerToken'] {
  if ([modulePath, tokenLabel, pinFile, sm2MechanismsFile].every((one) => one === undefined)) return null;
  if (modulePath === undefined || tokenLabel === undefined || pinFile === undefined) return wrongUsage('--signer-module, --signer-token and --signer-pin-file belong together');
  return { modulePath, tokenLabel, pinFile, sm2MechanismsFile: sm2MechanismsFile ?? null };
}

function faultPointOf(text: string | undefined): FaultPoint | null {
  if (text === undefined || text === '') return null;
  return [...FAULT_POINTS, ...REQUEST_FAULT_POINTS, ...KEY_FAULT_POINTS].find((point) => point === text) ?? wrongUsage('BIDKEY_CA_TEST_ONLY_KILL_AT names no point');
}

function wrongUsage(reason: string): never {
  throw new AppError('USAGE', { reason });
}
