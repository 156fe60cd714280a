/**
 * The real local shell without any CA service (the bid tool works offline), with two software UKeys that hold certificates of a bidder and a tenderer, and a home
 * folder with documents, so that the folder browser shows what a person would see.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fontPath, writePdf } from '../../../src-main/bids/pages/write-pdf.ts';
import { DEMO_SOFT_UKEY_DRIVER_ID, prepareDemoSoftUkey } from '../../../src-main/demo/demo-soft-ukey.ts';
import { createTokenHostClient } from '../../../src-main/token/create-token-host-client.ts';
import { writeOnKey, type NamedKey } from '../../bids/support/named-keys.ts';
import { builtHostSpawner } from '../../support/token-host-program.ts';
import { generateSm2KeyPair } from '../../../src-shared/sm/sm2-key.ts';
import { buildEcPublicKeyInfo } from '../../../src-shared/x509/public-key-info.ts';
import { createSm2Ca, random } from '../../token/sm2-fixtures.ts';
import { end, lineWith } from './programs.ts';

const root = join(import.meta.dirname, '../../..');
export const BIDDER = '杭州标钥科技有限公司';
export const TENDERER = '某某市公共资源交易中心';
/** Whose certificate comes as a file. */
export const DEPUTY = '备用UKey';

export interface BidBidKey {
  readonly link: string;
  readonly pin: string;
  readonly home: string;
  readonly bidder: NamedKey;
  readonly tenderer: NamedKey;
  /** The authority of all of them. */
  readonly caPem: string;
  readonly deputyCertificateDer: Uint8Array;
  path(name: string): string;
  pdf(name: string, text: string, pages?: number): Promise<string>;
  /** SIGKILL, then a new start on the same data. @returns the new link */
  killAndRestart(): Promise<string>;
  close(): Promise<void>;
}

export async function startBidBidKey(): Promise<BidBidKey> {
  const folder = await mkdtemp(join(tmpdir(), 'bidkey-bid-e2e-'));
  const home = join(folder, 'home');
  await mkdir(join(home, 'Documents', '投标'), { recursive: true });
  const data = join(folder, 'data');
  const { bidder, tenderer, pin, caPem, deputyCertificateDer } = await makeKeys(data);
  const start = () => spawn(process.execPath, [join(root, 'dist/local.js'), '--no-open', '--data', data, '--ca', 'http://127.0.0.1:9'], { cwd: root, env: { ...process.env, HOME: home }, stdio: ['ignore', 'pipe', 'pipe'] });
  let shell = start();
  let link = await readLink(shell);
  return {
    get link() {
      return link;
    },
    pin, home, bidder, tenderer, caPem, deputyCertificateDer,
    path: (name) => join(home, 'Documents', '投标', name),
    async pdf(name, text, pages = 1) {
      const path = join(home, 'Documents', '投标', name);
      const blocks = Array.from({ length: pages * 2 }, (_, i) => [{ kind: 'heading' as const, text: `${text} ${i + 1}` }, { kind: 'text' as const, text: '投标文件正文。'.repeat(260) }]).flat();
      await writeFile(path, await writePdf({ title: text, madeAt: new Date(0), footer: name, unwritable: 'refuse', blocks }, fontPath(join(root, 'resources'))));
      return path;
    },
    async killAndRestart() {
      await end(shell, 'SIGKILL');
      shell = start();
      link = await readLink(shell);
      return link;
    },
    async close() {
      await end(shell, 'SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function makeKeys(data: string) {
  await mkdir(data, { recursive: true, mode: 0o700 });
  const demo = await prepareDemoSoftUkey({ folder: join(data, 'demo-sm2-key'), nativeFolder: join(root, 'dist/native') });
  const ca = await createSm2Ca();
  const client = await createTokenHostClient({ drivers: [demo.driver], modelsFolder: join(root, 'resources/ukey-models'), spawner: await builtHostSpawner() });
  try {
    const [first, second] = (await client.list()).tokens.map(({ ref }) => ref.serial).sort();
    if (first === undefined || second === undefined) throw new Error('two demo keys are needed');
    const bidder = await writeOnKey(client, ca, first, demo.pin, BIDDER, DEMO_SOFT_UKEY_DRIVER_ID);
    const tenderer = await writeOnKey(client, ca, second, demo.pin, TENDERER, DEMO_SOFT_UKEY_DRIVER_ID);
    const deputy = buildEcPublicKeyInfo('sm2', generateSm2KeyPair(random).publicKey);
    const deputyCertificateDer = await ca.issue(deputy, `/C=CN/O=${BIDDER}/CN=${DEPUTY}`, 'keyEncipherment, dataEncipherment');
    return { bidder, tenderer, pin: demo.pin, caPem: await readFile(ca.caPem, 'utf8'), deputyCertificateDer };
  } finally {
    await client.close();
    await ca.dispose();
  }
}

const LINK = /http:\/\/127\.0\.0\.1:\d+\/\S+#\S+/;

async function readLink(shell: ChildProcess): Promise<string> {
  return LINK.exec(await lineWith(shell, LINK))?.[0] ?? '';
}
