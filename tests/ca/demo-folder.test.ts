/** The demo's data folder: a paid order in RSA and one in SM2 from the first start; a folder of a demo without SM2 gets what it lacks and keeps what it has. */
import Sqlite from 'better-sqlite3';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PendingWriting } from '#shared/contract/rest/orders.ts';
import { DEMO_PROJECT_ID, DEMO_SM2_PROJECT_ID } from '../../src-ca/demo/demo-catalogue.ts';
import { createSoftHsm2Token } from '../support/softhsm2.ts';
import { startCa, type RunningCa } from '../support/start-ca.ts';

let ca: RunningCa;
beforeAll(async () => {
  ca = await startCa({ flags: ['--demo', '--log-level', 'error'] });
});
afterAll(() => ca.stop());

const json = async <T>(path: string, init?: RequestInit): Promise<T> => (await (await fetch(`${ca.url}${path}`, init)).json()) as T;

async function asDemo(): Promise<{ login: object; pending: PendingWriting[]; orders: { projectId: string; state: string }[]; projects: { id: string; keyAlgorithm: string }[] }> {
  const login = (await json<{ sandbox: { demoLogin: object } }>('/v1/service')).sandbox.demoLogin;
  const { accessToken } = await json<{ accessToken: string }>('/v1/sessions', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(login) });
  const mine = async <T>(path: string) => (await json<{ items: T[] }>(path, { headers: { authorization: `Bearer ${accessToken}` } })).items;
  return { login, pending: await mine('/v1/pending-writings'), orders: await mine('/v1/orders'), projects: await mine('/v1/projects') };
}

/** As a demo was before there was SM2: no project, order or authority of it. */
async function takeSm2Away(): Promise<void> {
  const database = new Sqlite(join(ca.dataFolder, 'ca.sqlite'));
  const orders = `(select id from orders where project_id = '${DEMO_SM2_PROJECT_ID}')`;
  const requests = `(select id from requests where order_id in ${orders})`;
  database.exec(`
    delete from authorization_codes where request_id in ${requests};
    delete from payments where order_id in ${orders};
    delete from order_lines where order_id in ${orders};
    delete from request_events where request_id in ${requests};
    delete from requests where order_id in ${orders};
    delete from orders where project_id = '${DEMO_SM2_PROJECT_ID}';
    delete from catalogue_items where project_id = '${DEMO_SM2_PROJECT_ID}';
    delete from projects where id = '${DEMO_SM2_PROJECT_ID}';
    delete from idempotency_keys; delete from crls where ca_id = 'demo-sm2';`);
  database.close();
  await rm(join(ca.dataFolder, 'authorities', 'demo-sm2'), { recursive: true });
}

describe('the demo', () => {
  it('ok: has a project of each kind with a paid order of two keys; RSA stands first in every list', async () => {
    const { pending, orders, projects } = await asDemo();
    expect(projects.map(({ id, keyAlgorithm }) => [id, keyAlgorithm])).toEqual([[DEMO_PROJECT_ID, 'rsa-2048'], [DEMO_SM2_PROJECT_ID, 'sm2']]);
    expect(pending.map(({ keyAlgorithm, quantity, remainingQuantity }) => [keyAlgorithm, quantity, remainingQuantity])).toEqual([['rsa-2048', 2, 2], ['sm2', 2, 2]]);
    expect(orders.map(({ projectId, state }) => [projectId, state])).toEqual([[DEMO_PROJECT_ID, 'paid'], [DEMO_SM2_PROJECT_ID, 'paid']]);
  });

  it('ok: the newest code in the inbox is that of the RSA order', async () => {
    const { pending } = await asDemo();
    const [newest] = await ca.sandboxCodes();
    expect(await ca.sandboxCodes(pending[0]?.orderNumber)).toEqual([newest]);
    expect(await ca.sandboxCodes(pending[1]?.orderNumber)).toHaveLength(1);
  });

  it('ok: a folder from before SM2 gets project, order and authority; order, log-in and authority of RSA stay', async () => {
    const before = await asDemo();
    const rsaRoot = await readFile(join(ca.dataFolder, 'authorities', 'demo-rsa', 'root.pem'), 'utf8');
    await ca.kill();
    await takeSm2Away();
    await ca.restart();
    const after = await asDemo();
    expect(after.login).toEqual(before.login);
    expect(after.pending.find(({ keyAlgorithm }) => keyAlgorithm === 'rsa-2048')).toEqual(before.pending[0]);
    expect(after.pending.map(({ keyAlgorithm, remainingQuantity }) => [keyAlgorithm, remainingQuantity]).sort()).toEqual([['rsa-2048', 2], ['sm2', 2]]);
    expect(await readFile(join(ca.dataFolder, 'authorities', 'demo-rsa', 'root.pem'), 'utf8')).toBe(rsaRoot);
    expect(existsSync(join(ca.dataFolder, 'authorities', 'demo-sm2', 'authority.json'))).toBe(true);
  });

  it('ok: starting again adds nothing', async () => {
    const before = await asDemo();
    await ca.restart();
    const { pending, orders, projects } = await asDemo();
    expect({ pending, orders, projects }).toEqual({ pending: before.pending, orders: before.orders, projects: before.projects });
  });
});

describe('with the CA’s keys in a PKCS#11 token', () => {
  it('ok: there is no SM2 authority, and nothing is offered that it would sign', async () => {
    const token = await createSoftHsm2Token({ label: 'BidKey CA demo' });
    const pinFile = join(ca.dataFolder, 'signer-pin');
    await writeFile(pinFile, `${token.pin}\n`, { mode: 0o600 });
    const inToken = await startCa({ flags: ['--demo', '--log-level', 'error', '--signer-module', token.modulePath, '--signer-token', token.label, '--signer-pin-file', pinFile], env: token.env });
    try {
      const { items } = (await (await fetch(`${inToken.url}/v1/projects`)).json()) as { items: { keyAlgorithm: string }[] };
      expect(items.map(({ keyAlgorithm }) => keyAlgorithm)).toEqual(['rsa-2048']);
      expect(await inToken.sandboxCodes()).toHaveLength(1);
      expect((await fetch(`${inToken.url}/ca/demo-rsa.cer`)).status).toBe(200);
      expect((await fetch(`${inToken.url}/ca/demo-sm2.cer`)).status).toBe(404);
    } finally {
      await inToken.stop();
      await token.dispose();
    }
  });
});
