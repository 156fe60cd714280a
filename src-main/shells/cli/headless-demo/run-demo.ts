/**
 * The demo from beginning to end: CA service → two demo keys → engine → log in → code from the sandbox's inbox → both keys written →
 * results as files → everything checked. Rule: any step that is not as it should be ends it with an error.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { DesktopEngine } from '#shared/contract/desktop/desktop-contract.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { KeyAlgorithm, PendingWriting } from '#shared/contract/rest/orders.ts';
import { AppError, fromErrorData } from '#shared/errors/app-error.ts';
import { createCaClient } from '../../../ca-client/ca-client.ts';
import type { DemoKey } from '../../../demo/demo-key.ts';
import { startEmbeddedCa } from '../../../demo/embedded-ca.ts';
import { nodeProgramSpawner } from '../../../demo/spawn-program.ts';
import { composeEngine, type ComposedEngine } from '../../../engine/compose-engine.ts';
import { openJournal } from '../../../journal/journal.ts';
import { createLog } from '../../../report/log.ts';
import { ownLibraryFolder } from '../../../token/own-libraries.ts';
import { checkResults } from './check-results.ts';
import { DEMO_TOKENS, type DemoKind } from './demo-kinds.ts';
import { exportResults, type WrittenKey } from './export-results.ts';

export interface DemoOptions {
  readonly folder: string;
  /** Where ca.js and token-host.js stand. */
  readonly programFolder: string;
  readonly resourcesFolder: string;
  readonly kind: DemoKind;
  readonly say: (line: string) => void;
}

/** Marks a folder that a demo made and may clear. */
const MARKER = '.bidkey-demo';

/** @throws whatever went wrong; comes back only when all is as it should be */
export async function runHeadlessDemo(options: DemoOptions): Promise<void> {
  const { say } = options;
  const began = performance.now();
  clearFolder(options.folder);
  const data = (name: string) => join(options.folder, 'data', name);
  say('1. 启动 CA 服务 · starting the CA service');
  const log = createLog({ now: () => new Date(), file: null });
  const ca = await startEmbeddedCa({ program: join(options.programFolder, 'ca.js'), dataFolder: data('ca'), demo: true, spawner: nodeProgramSpawner, log });
  try {
    say(`   ${ca.baseUrl}`);
    say(`2. 制作演示 UKey · making two demo keys (${options.kind.token})`);
    const demoKey = await DEMO_TOKENS[options.kind.token](data('keys'), ownLibraryFolder(options.resourcesFolder));
    const written = await withEngine(options, ca.baseUrl, demoKey, data('desktop'), (composed) => writeAllKeys(composed, ca.baseUrl, demoKey, options));
    say('5. 导出结果 · exporting results');
    const requests = readRequests(data('desktop'), written.map((one) => one.deed.id));
    const results = await exportResults({ folder: options.folder, demoKey, written, requests });
    for (const file of results.files) say(`   ${file}`);
    say('6. 检查 · checking with our own code');
    await withEngine(options, ca.baseUrl, demoKey, data('desktop'), async ({ tokens }) => checkResults({ results, written, demoKey, algorithm: options.kind.algorithm, tokens, passed: (what) => say(`   ✔ ${what}`) }));
  } finally {
    await ca.close();
  }
  say(`完成 · done in ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

function clearFolder(folder: string): void {
  const marker = join(folder, MARKER);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    if (!existsSync(marker)) throw new AppError('USAGE', { reason: 'the folder is not empty and was not made by the demo', folder });
    rmSync(folder, { recursive: true, force: true });
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(marker, 'Made by `npm run demo`; the next demo may clear this folder.\n');
}

async function withEngine<T>(options: DemoOptions, caBaseUrl: string, demoKey: DemoKey, dataFolder: string, work: (composed: ComposedEngine) => Promise<T>): Promise<T> {
  const composed = await composeEngine({
    dataFolder, resourcesFolder: options.resourcesFolder, shell: 'cli', version: 'demo', demo: true, caBaseUrl, useInstalledDrivers: false,
    drivers: [demoKey.driver],
  });
  try {
    return await work(composed);
  } finally {
    await composed.close();
  }
}

async function writeAllKeys(composed: ComposedEngine, caBaseUrl: string, demoKey: DemoKey, { say, kind }: DemoOptions): Promise<WrittenKey[]> {
  const { engine } = composed;
  say('3. 登录，查看待制作证书 · logging in, looking up what is to be written');
  const phone = await logIn(engine);
  const line = await pendingLine(engine, kind.algorithm);
  say(`   ${line.orderNumber} · ${line.companyName} · ${line.projectName} · 剩余待制证数量 remaining: ${line.remainingQuantity}`);
  const authorizationCode = await codeFromInbox(caBaseUrl, phone, line.orderNumber);
  const { tokens } = await engine.call('tokens.list', undefined as never);
  const keys = demoKey.labels.map((label) => tokens.find((token) => token.label === label) ?? missingKey(label));
  const written: WrittenKey[] = [];
  for (const [index, key] of keys.entries()) {
    say(`4.${index + 1} 制证 · writing to key ${key.label} (${key.ref.serial})`);
    const deed = await writeKey(engine, line, key, authorizationCode, demoKey.pin, say);
    say(`   剩余待制证数量 · remaining: ${deed.remainingQuantity ?? '?'}`);
    if (deed.remainingQuantity !== line.remainingQuantity - index - 1) throw new AppError('INTERNAL', { reason: 'remaining quantity' });
    written.push({ deed, label: key.label });
  }
  const { tokens: after } = await engine.call('tokens.list', undefined as never);
  return written.map((one) => ({ ...one, certificates: after.find((token) => token.ref.serial === one.deed.token.serial)?.certificates ?? [] }));
}

/** @returns the phone number whose inbox the code is in */
async function logIn(engine: DesktopEngine): Promise<string> {
  const { info } = await engine.call('app.caStatus', undefined as never);
  const login = info?.sandbox?.demoLogin;
  if (!login) throw new AppError('CA_ANSWER_INVALID', { reason: 'the service is no demo' });
  const account = await engine.call('session.logIn', login);
  return account.phone;
}

async function pendingLine(engine: DesktopEngine, algorithm: KeyAlgorithm): Promise<PendingWriting> {
  const { items } = await engine.call('orders.listPendingWritings', {});
  const line = items.find((one) => one.remainingQuantity > 0 && one.keyAlgorithm === algorithm);
  if (!line) throw new AppError('NOT_FOUND', { what: 'order line', algorithm });
  return line;
}

/** Reads the SMS as the person would. */
async function codeFromInbox(caBaseUrl: string, phone: string, orderNumber: string): Promise<string> {
  const client = createCaClient({ baseUrl: caBaseUrl, monotonicMs: () => performance.now() });
  const { items } = await client.anonymous.listSandboxMessages({ query: { to: phone, limit: 100 } });
  client.close();
  const code = items.filter((message) => message.text.includes(orderNumber)).map((message) => /(?<!\d)\d{6}(?!\d)/.exec(message.text)?.[0]).find((found) => found !== undefined);
  if (code === undefined) throw new AppError('NOT_FOUND', { what: 'authorization code' });
  return code;
}

function missingKey(label: string): never {
  throw new AppError('TOKEN_NOT_PRESENT', { label });
}

const STEP_NAMES: Readonly<Record<string, string>> = {
  start: '1 提交授权码 · start', generate: '2 在 UKey 内生成签名密钥 · signing key born on the key', request: '3 申请证书 · request certificates', 'import-keys': '4 导入加密密钥 · import encryption key',
  'import-certificates': '5 导入证书 · import certificates', prove: '6 试用新密钥 · use the new keys', complete: '7 向 CA 确认 · prove to the CA',
  deposit: '8 向 CA 移交管理员口令 · hand the administrator PIN over', rotate: '9 更换管理员口令 · change the administrator PIN', confirm: '10 确认管理员口令 · confirm it',
};

async function writeKey(engine: DesktopEngine, line: PendingWriting, key: TokenSummary, authorizationCode: string, pin: string, say: (text: string) => void): Promise<Deed> {
  const shown = new Set<string>();
  const show = (deed: Deed) => {
    for (const step of deed.steps) {
      if (step.state !== 'done' || shown.has(step.name)) continue;
      shown.add(step.name);
      say(`   ✔ ${STEP_NAMES[step.name] ?? step.name}`);
    }
  };
  let deedId: string | null = null;
  let settle: (deed: Deed) => void = () => undefined;
  const ended = new Promise<Deed>((resolve) => (settle = resolve));
  const stop = engine.onEvent((event) => {
    if (event.name !== 'deed.changed' || (deedId !== null && event.data.id !== deedId)) return;
    show(event.data);
    if (event.data.state !== 'running') settle(event.data);
  });
  try {
    const begun = await engine.call('writing.startNewIssue', { requestId: line.requestId, token: key.ref, tokenModelId: key.modelId ?? missingKey(key.label), authorizationCode, pin });
    deedId = begun.id;
    const deed = begun.state === 'running' ? await ended : begun;
    if (deed.state !== 'completed') throw fromErrorData(deed.error);
    return deed;
  } finally {
    stop();
  }
}

/** The certification requests are public; the journal keeps them. */
function readRequests(dataFolder: string, deedIds: readonly string[]): Uint8Array[] {
  const { journal } = openJournal(join(dataFolder, 'journal.db'), () => new Date());
  try {
    return deedIds.map((id) => {
      const csrDer = journal.get(id)?.csrDer;
      if (!csrDer) throw new AppError('NOT_FOUND', { what: 'certification request' });
      return csrDer;
    });
  } finally {
    journal.close();
  }
}
