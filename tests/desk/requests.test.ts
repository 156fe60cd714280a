/** Requests about a plugged key: what can be done now, the risk notice signed by it, and its holder's own word; with the ledger asked first. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyAction, KeyRequests } from '#shared/contract/desktop/requests.ts';
import { KEY_KINDS, refOf, type TestKey } from '../support/key-kinds.ts';
import { openDeskWorld, refusal, type DeskEngine, type DeskWorld } from './desk-world.ts';

let world: DeskWorld;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bidkey-materials-'));
  world = await openDeskWorld();
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const KINDS = KEY_KINDS.filter(({ name }) => name === 'SoftHSM2, RSA' || name === 'soft UKey PKCS#11, SM2');
const actionOf = (found: KeyRequests, kind: KeyAction['kind']) => found.certificates[0]?.actions.find((action) => action.kind === kind);

describe.each(KINDS)('$name', (kind) => {
  let key: TestKey;
  let desk: DeskEngine;
  const forKey = () => desk.engine.call('requests.forKey', { token: refOf(key) });
  const serialOf = async () => (await forKey()).certificates[0]?.certificate.serialHex ?? '';
  beforeAll(async () => {
    if (kind.missing === null) ({ key, desk } = await world.openWrittenKey(kind));
  });

  it.skipIf(kind.missing)('ok: shows the certificate of the key with what can be asked for now', async () => {
    const found = await forKey();
    expect(found).toMatchObject({ tokenSerial: key.serial, requests: [], certificates: [{ onThisKey: true, certificate: { purpose: 'sign', state: 'active' } }] });
    const { items: projects } = await desk.engine.call('projects.list', undefined as never);
    const project = projects.find(({ keyAlgorithm }) => keyAlgorithm === kind.algorithm);
    expect(found.certificates[0]?.projectId).toBe(project?.id);
    expect(found.certificates[0]?.actions.map((action) => action.kind)).toEqual(['renewal', 'change', 'suspension', 'revocation', 'reissue', 'key-recovery']);
    // A project with a window opens it thirty days before the end; one without does at any time.
    const renewal = actionOf(found, 'renewal');
    if (project?.renewalRule.kind === 'window') expect(renewal).toMatchObject({ state: 'blocked', reason: 'REQUEST_NOT_IN_WINDOW', fromUtc: expect.stringMatching(/Z$/) });
    else expect(renewal).toMatchObject({ state: 'open', reason: null });
    expect(found.keyActions).toMatchObject([{ kind: 'unlock', state: 'open' }]);
  });

  it.skipIf(kind.missing)('ok: a change is begun, gets its materials, and is shown as begun; refuses: files that are none', async () => {
    const { engine } = desk;
    const { items: projects } = await engine.call('projects.list', undefined as never);
    const project = projects.find(({ keyAlgorithm }) => keyAlgorithm === kind.algorithm);
    const changeKind = project?.changeKinds.find(({ materials }) => materials.length > 0);
    if (!changeKind) return expect(actionOf(await forKey(), 'change')?.state).toBe('blocked');
    const request = await engine.call('requests.create', { draft: { kind: 'change', certificateSerialHex: await serialOf(), tokenSerial: key.serial, changeKindId: changeKind.id } });
    const path = join(folder, '营业执照.pdf');
    writeFileSync(path, '%PDF-1.4\nscan');
    const materialKindId = changeKind.materials[0]?.id ?? '';
    const withOne = await engine.call('requests.addMaterial', { requestId: request.id, materialKindId, source: { kind: 'path', path } });
    expect(withOne.materials).toMatchObject([{ fileName: '营业执照.pdf', mediaType: 'application/pdf', bytes: 13 }]);
    const material = withOne.materials[0]?.id ?? '';
    expect(Buffer.from((await engine.call('requests.getMaterial', { requestId: request.id, materialId: material })).content, 'base64').toString()).toBe('%PDF-1.4\nscan');
    writeFileSync(join(folder, 'program.pdf'), 'MZ');
    for (const wrong of [join(folder, 'program.pdf'), join(folder, 'nowhere.pdf')]) expect((await refusal(engine.call('requests.addMaterial', { requestId: request.id, materialKindId, source: { kind: 'path', path: wrong } }))).code).toBe('MATERIAL_UNREADABLE');
    expect((await engine.call('requests.removeMaterial', { requestId: request.id, materialId: material })).materials).toEqual([]);
    expect(actionOf(await forKey(), 'change')).toMatchObject({ state: 'begun', requestId: request.id });
    expect((await engine.call('requests.withdraw', { requestId: request.id })).state).toBe('withdrawn');
    expect(actionOf(await forKey(), 'change')).toMatchObject({ state: 'open', requestId: null });
  });

  it.skipIf(kind.missing)('ok: the risk notice is accepted by a signature of the key; refuses: another version, another key, a wrong PIN', async () => {
    const { engine } = desk;
    const request = await engine.call('requests.create', { draft: { kind: 'reissue', certificateSerialHex: await serialOf(), tokenSerial: key.serial } });
    const { version, paragraphs } = await engine.call('requests.riskNotice', undefined as never);
    expect(paragraphs.length).toBeGreaterThan(4);
    const accept = { requestId: request.id, noticeVersion: version, token: refOf(key), pin: key.pin };
    expect((await refusal(engine.call('requests.acceptRiskNotice', { ...accept, noticeVersion: '2020-01' }))).code).toBe('RISK_NOTICE_VERSION');
    expect((await refusal(engine.call('requests.acceptRiskNotice', { ...accept, token: { driverId: 'test', serial: 'ANOTHER' } }))).code).toBe('REQUEST_OTHER_KEY');
    expect((await refusal(engine.call('requests.acceptRiskNotice', { ...accept, pin: '00000000' }))).code).toBe('PIN_INCORRECT');
    const accepted = await engine.call('requests.acceptRiskNotice', { ...accept, confirmedFewTries: true });
    expect(accepted.riskNoticeAcceptedAtUtc).toMatch(/Z$/);
    await engine.call('requests.withdraw', { requestId: request.id });
  });

  it.skipIf(kind.missing)('ok: my keys: the pair in force, its project, bids that wait for it; renamed where the driver can', async () => {
    const { engine } = desk;
    const overview = await engine.call('keys.overview', { token: refOf(key) });
    expect(overview).toMatchObject({ caAsked: true, pairs: [{ standing: 'current', caState: 'active', warning: null, bidsToOpen: 0, sign: { purpose: 'sign' }, encrypt: { purpose: 'encrypt' } }] });
    const summary = (await engine.call('tokens.list', undefined as never)).tokens[0];
    const renamed = engine.call('tokens.renameLabel', { token: refOf(key), label: '标书专用' });
    if (summary?.canRename !== true) return expect((await refusal(renamed)).code).toBe('DRIVER_MECHANISM');
    await renamed;
    expect((await engine.call('tokens.list', undefined as never)).tokens[0]?.label).toBe('标书专用');
  });

  it.skipIf(kind.missing)('ok: suspended by the key at once, released by staff only; then revoked, and a revoked certificate logs in no more', async () => {
    const { engine } = desk;
    const certificateSerialHex = await serialOf();
    const end = async (what: 'suspension' | 'revocation') => {
      const request = await engine.call('requests.create', { draft: { kind: what, certificateSerialHex, tokenSerial: key.serial, ...(what === 'revocation' ? { revocationReason: 'keyCompromise' as const } : {}) } });
      expect((await refusal(engine.call('requests.confirmByKey', { requestId: request.id, token: refOf(key), pin: '00000000' }))).code).toBe('PIN_INCORRECT');
      return engine.call('requests.confirmByKey', { requestId: request.id, token: refOf(key), pin: key.pin, confirmedFewTries: true });
    };
    expect((await end('suspension')).certificates.map(({ state }) => state)).toEqual(['suspended', 'suspended']);
    const found = await forKey();
    expect(found.certificates[0]?.actions.map((action) => action.kind)).toEqual(['release', 'revocation', 'reissue']);
    expect((await refusal(engine.call('session.accountsForKey', { token: refOf(key) }))).code).toBe('CERTIFICATE_SUSPENDED');
    expect((await end('revocation')).certificates.map(({ state }) => state)).toEqual(['revoked', 'revoked']);
    expect((await forKey()).certificates).toEqual([]);
    expect((await refusal(engine.call('session.logInByKey', { token: refOf(key), pin: key.pin }))).code).toBe('CERTIFICATE_REVOKED');
    expect((await engine.call('keys.overview', { token: refOf(key) })).pairs).toMatchObject([{ standing: 'history', caState: 'revoked', warning: null }]);
    const release = await engine.call('requests.create', { draft: { kind: 'release', certificateSerialHex, tokenSerial: key.serial } }).catch((thrown: unknown) => thrown);
    expect(release).toMatchObject({ code: 'REQUEST_CERTIFICATE_STATE' });
  });
});
