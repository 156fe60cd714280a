/** The whole diagnosis: real service, real keys with certificates, and what goes wrong with each. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Value } from '@sinclair/typebox/value';
import { DIAGNOSIS_AREAS, DIAGNOSIS_CODES, Diagnosis, type DiagnosisCode } from '#shared/contract/desktop/diagnosis.ts';
import { createCaClient } from '../../src-main/ca-client/ca-client.ts';
import { makeFinding } from '../../src-main/diagnosis/findings.ts';
import { lookAtService } from '../../src-main/diagnosis/service-findings.ts';
import { askCaStatus } from '../../src-main/engine/ca-status.ts';
import { createDesktopCrypto } from '../../src-main/sm-engine/desktop-crypto.ts';
import { thisSystem, type SystemView } from '../../src-main/diagnosis/system-view.ts';
import { openSmEngine } from '../../src-main/sm-engine/open-engine.ts';
import { openDeskWorld, refusal, type DeskEngine, type DeskWorld } from '../desk/desk-world.ts';
import { KEY_KINDS, refOf, type TestKey } from '../support/key-kinds.ts';

let world: DeskWorld;
/** Other drivers of this machine are left out: drivers.test.ts loads them. */
let library = '';
const onlyLibrary: SystemView = { ...thisSystem(), state: async (path) => (isDriver(path) && path !== library ? null : thisSystem().state(path)) };
const isDriver = (path: string) => /softhsm|soft-ukey/.test(path);
beforeAll(async () => { world = await openDeskWorld(); });
afterAll(() => world.close());

const KINDS = KEY_KINDS.filter(({ name }) => name === 'SoftHSM2, RSA' || name === 'soft UKey SKF, SM2');
const crypto = createDesktopCrypto(openSmEngine().engine);
/** Without the PIN of the test key, which SKF calls a default one as long as it is the first. */
const codesOf = (diagnosis: Diagnosis, area: (typeof DIAGNOSIS_AREAS)[number]): DiagnosisCode[] => diagnosis.findings.filter((finding) => finding.area === area && finding.code !== 'KEY_DEFAULT_PIN').map(({ code }) => code);

describe.each(KINDS)('$name', (kind) => {
  let key: TestKey;
  let desk: DeskEngine;
  const run = (pin?: string) => desk.engine.call('diagnosis.run', pin === undefined ? {} : { use: { token: refOf(key), pin, confirmedFewTries: true } });
  beforeAll(async () => {
    if (kind.missing !== null) return;
    ({ key, desk } = await world.openWrittenKey(kind, { systemView: onlyLibrary }));
    library = key.driver.libraryPath ?? '';
  });

  it.skipIf(kind.missing)('ok: everything right is said to be right, by use too; each finding comes as an event once', async () => {
    desk.events.length = 0;
    const diagnosis = await run(key.pin);
    expect([...Value.Errors(Diagnosis, diagnosis)]).toEqual([]);
    expect(diagnosis).toMatchObject({ running: false, area: null });
    expect(codesOf(diagnosis, 'service')).toEqual(['CA_REACHABLE', 'CLOCK_RIGHT']);
    expect(diagnosis.findings.filter(({ code, facts }) => code === 'DRIVER_LOADS' && facts['model'] === kind.modelId).map(({ facts }) => facts['keys'])).toEqual([1]);
    expect(codesOf(diagnosis, 'keys')).toEqual(['KEY_SEEN', 'CERTIFICATE_VALID', 'CERTIFICATE_VALID']);
    expect(diagnosis.findings.filter(({ area }) => area === 'use').map(({ code, facts }) => [code, facts['uses']])).toEqual([['USE_WORKS', ['sign', 'decrypt']]]);
    const told = desk.events.flatMap((event) => (event.name === 'diagnosis.found' ? [event.data.finding] : []));
    expect(told).toEqual(diagnosis.findings);
    expect(desk.events.flatMap((event) => (event.name === 'diagnosis.changed' ? [event.data.area] : []))).toEqual([null, ...DIAGNOSIS_AREAS, null]);
    expect(await desk.engine.call('diagnosis.get', undefined as never)).toEqual(diagnosis);
  });

  it.skipIf(kind.missing)('ok: the exported text has findings with cause and next step, and neither names, nor serials, nor PINs', async () => {
    const { text, fileName } = await desk.engine.call('diagnosis.export', undefined as never);
    expect(fileName).toMatch(/^bidkey-diagnosis-\d{4}-\d\d-\d\d\.txt$/);
    const [certificate] = (await desk.engine.call('tokens.list', undefined as never)).tokens[0]?.certificates ?? [];
    for (const secret of [key.pin, key.serial, key.label, certificate?.subjectCommonName ?? 'none', certificate?.serialHex ?? 'none']) expect(text).not.toContain(secret);
    expect(text).toContain('[good] CERTIFICATE_VALID');
    expect(text).toContain(`holder="[name]"`);
  });

  it.skipIf(kind.missing)('refuses: a wrong PIN, tried once; the other parts are there all the same', async () => {
    const diagnosis = await run('00000000');
    expect(diagnosis.findings.filter(({ area }) => area === 'use')).toMatchObject([{ code: 'USE_PIN_REFUSED', facts: { code: 'PIN_INCORRECT' } }]);
    expect(codesOf(diagnosis, 'keys')).toContain('CERTIFICATE_VALID');
    if (key.soft) expect((await key.soft.status()).userPin.triesLeft).toBe(9);
    await run(key.pin);
  });

  it.skipIf(kind.missing)('refuses: a service that is away; then revocation is not known, and nothing is called valid', async () => {
    world.relay.away(true);
    const diagnosis = await run();
    world.relay.away(false);
    expect(codesOf(diagnosis, 'service')).toEqual(['CA_AWAY']);
    expect(codesOf(diagnosis, 'keys')).toEqual(['KEY_SEEN', 'CERTIFICATE_NOT_CHECKED', 'CERTIFICATE_NOT_CHECKED']);
  });

  it.skipIf(kind.missing)('refuses: a suspended certificate, once it stands on the list', async () => {
    const { engine } = desk;
    const certificateSerialHex = (await engine.call('requests.forKey', { token: refOf(key) })).certificates[0]?.certificate.serialHex ?? '';
    const request = await engine.call('requests.create', { draft: { kind: 'suspension', certificateSerialHex, tokenSerial: key.serial } });
    await engine.call('requests.confirmByKey', { requestId: request.id, token: refOf(key), pin: key.pin, confirmedFewTries: true });
    expect(codesOf(await run(), 'keys')).toEqual(['KEY_SEEN', 'CERTIFICATE_REVOKED', 'CERTIFICATE_REVOKED']);
  });

  if (kind.pinTries !== null) it.skipIf(kind.missing)('refuses: a key that does not decrypt any more, and one that is locked', async () => {
    if (!key.soft) return;
    // SKF opens by a session key; signatures go on.
    await key.soft.fault('SKF_ImportSessionKey', 0, 'return', '0x0A000001');
    const failing = await run(key.pin);
    expect(codesOf(failing, 'use')).toEqual(['USE_DECRYPT_FAILS', 'USE_WORKS']);
    expect(failing.findings.find(({ code }) => code === 'USE_WORKS')?.facts['uses']).toEqual(['sign']);
    await key.soft.clearFaults();
    await key.soft.lock();
    const locked = await run(key.pin);
    expect(codesOf(locked, 'keys')).toContain('KEY_PIN_LOCKED');
    expect(locked.findings.filter(({ area }) => area === 'use')).toMatchObject([{ code: 'USE_PIN_REFUSED', facts: { code: 'PIN_LOCKED' } }]);
  });
});

describe('service and machine', () => {
  const look = async (offsetMs: number, baseUrl = world.relay.url) => {
    const client = createCaClient({ baseUrl, monotonicMs: () => performance.now() });
    const now = () => new Date(Date.now() + offsetMs);
    const findings: DiagnosisCode[] = [];
    const chain = await lookAtService({ baseUrl: () => baseUrl, client: () => client, askStatus: () => askCaStatus(client.anonymous, now), crypto, now }, (code, about, facts) => findings.push(makeFinding(code, about, facts).code));
    client.close();
    return { findings, roots: chain.rootsDer.length };
  };

  it('ok: a clock within a minute; refuses: one that is off, in either direction', async () => {
    expect(await look(40_000)).toEqual({ findings: ['CA_REACHABLE', 'CLOCK_RIGHT'], roots: 2 });
    for (const offsetMs of [90_000, -3_600_000]) expect((await look(offsetMs)).findings).toEqual(['CA_REACHABLE', 'CLOCK_OFF']);
  });

  it('refuses: a service behind a certificate that nobody trusts', async () => {
    const { createServer } = await import('node:https');
    const { execFileSync } = await import('node:child_process');
    const { mkdtempSync, readFileSync, rmSync } = await import('node:fs');
    const folder = mkdtempSync('/tmp/bidkey-tls-');
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${folder}/key.pem`, '-out', `${folder}/cert.pem`, '-days', '1', '-subj', '/CN=localhost'], { stdio: 'ignore' });
    const server = createServer({ key: readFileSync(`${folder}/key.pem`), cert: readFileSync(`${folder}/cert.pem`) }, (_request, answer) => answer.end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    expect(await look(0, `https://localhost:${port}`)).toEqual({ findings: ['CA_TLS'], roots: 0 });
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('ok: without keys, without a service, without a driver: said as that', async () => {
    const bare = await world.openEngine([], { caBaseUrl: null });
    expect((await refusal(bare.engine.call('diagnosis.export', undefined as never))).code).toBe('DIAGNOSIS_NONE');
    const [first, second] = await Promise.allSettled([bare.engine.call('diagnosis.run', {}), bare.engine.call('diagnosis.run', {})]);
    expect(second.status === 'rejected' && (second.reason as { code: string }).code).toBe('DIAGNOSIS_RUNNING');
    const diagnosis = first.status === 'fulfilled' ? first.value : null;
    expect(diagnosis && codesOf(diagnosis, 'service')).toEqual(['CA_NOT_SET']);
    expect(diagnosis && codesOf(diagnosis, 'keys')).toEqual(['NO_KEY']);
    expect(diagnosis?.findings.filter(({ code }) => code === 'DRIVER_ABSENT').length).toBeGreaterThan(2);
    expect(diagnosis?.findings.every(({ code }) => code in DIAGNOSIS_CODES)).toBe(true);
    await bare.close();
  });
});
