/** Self-tests of the running service: the store answers, the clock stands where it can, randomness differs, each authority signs a list that can be published, the audit log is whole. */
import { randomBytes } from 'node:crypto';
import { listAudit, verifyAudit } from '../audit/read-audit.ts';
import { currentCrl } from '../certificates/publish-crl.ts';
import type { CaPorts } from '../ports.ts';

export interface SelfTestReport {
  readonly passed: boolean;
  readonly tests: readonly { readonly name: string; readonly passed: boolean }[];
}

/** Told what a check failed on: the caller learns only that it failed, the operator reads why. */
export type OnCheckFault = (name: string, thrown: unknown) => void;

/** The store can be read. */
export async function isReady(ports: CaPorts, onFault: OnCheckFault): Promise<boolean> {
  return (await check('store', () => canReadStore(ports), onFault)).passed;
}

export async function runSelfTests(ports: CaPorts, onFault: OnCheckFault): Promise<SelfTestReport> {
  const test = (name: string, holds: () => Promise<boolean>) => check(name, holds, onFault);
  const tests = [
    await test('store', () => canReadStore(ports)),
    await test('clock', async () => ports.clock().getTime() > EARLIEST_POSSIBLE_MS),
    await test('randomness', async () => !randomBytes(32).equals(randomBytes(32))),
    await test('audit-log', async () => (await verifyAudit(ports)).valid),
    await test('message-seal', async () => ports.textSeal.open(ports.textSeal.seal('标钥')) === '标钥'),
  ];
  for (const authority of ports.authorities.values()) {
    tests.push(await test(`crl-fresh:${authority.caId}`, async () => (await currentCrl(ports, authority)).nextUpdateMs > ports.clock().getTime()));
    tests.push(await test(`sign:${authority.caId}`, async () => (await authority.signCrl({ number: 1n, thisUpdate: ports.clock(), nextUpdate: new Date(ports.clock().getTime() + 1000), entries: [] })).length > 0));
  }
  return { passed: tests.every(({ passed }) => passed), tests };
}

/** This program is not older than that. */
const EARLIEST_POSSIBLE_MS = Date.UTC(2026, 0, 1);

async function canReadStore(ports: CaPorts): Promise<boolean> {
  await listAudit(ports, { limit: 1, after: undefined });
  return true;
}

async function check(name: string, holds: () => Promise<boolean>, onFault: OnCheckFault): Promise<{ name: string; passed: boolean }> {
  try {
    return { name, passed: await holds() };
  } catch (thrown) {
    onFault(name, thrown);
    return { name, passed: false };
  }
}
