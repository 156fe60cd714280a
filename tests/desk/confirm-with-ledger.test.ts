/** The holder's own word about a certificate, with the ledger of sealed bids and the session in which it is given: real keys, the real service, a machine that never saw the key. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerDocument } from '#shared/contract/desktop/ledger.ts';
import type { CertificateRecord } from '#shared/contract/rest/certificates.ts';
import { KEY_KINDS, refOf, type TestKey } from '../support/key-kinds.ts';
import { openDeskWorld, refusal, type DeskEngine, type DeskWorld } from './desk-world.ts';

let world: DeskWorld;
beforeAll(async () => { world = await openDeskWorld(); });
afterAll(() => world.close());

const TENDER = '某路灯工程';
const opener = (fingerprintHex: string, fingerprintDigest: 'sm3' | 'sha-256') => ({ group: '投标人', fingerprintHex, fingerprintDigest, label: '杭州标钥科技有限公司', issuer: 'CN=BidKey', serialHex: '0a1b', notAfterUtc: '2099-01-01T00:00:00Z' });

/** A bid of which nobody here knows whose key opens it. */
function ledgerText(sealId: string, fingerprintHex = 'ab'.repeat(32), fingerprintDigest: 'sm3' | 'sha-256' = 'sm3'): string {
  const document: LedgerDocument = {
    format: 'bidkey-ledger', version: 1, exportedAtUtc: new Date().toISOString(),
    bids: [{
      sealId, bidId: 'B-1', tenderId: 'T-1', lot: '', tenderName: TENDER, bidderName: '甲公司', file: null, openingTimeUtc: new Date(Date.now() + 10 * 86_400_000).toISOString(), sealedAtUtc: '2026-11-19T08:00:00.000Z',
      state: 'to-open', openers: [opener(fingerprintHex, fingerprintDigest)], rehearsals: [], uploads: [],
    }],
  };
  return JSON.stringify(document);
}

const KINDS = KEY_KINDS.filter(({ name }) => name === 'soft UKey SKF, SM2');

describe.each(KINDS)('$name', (kind) => {
  let key: TestKey;
  let desk: DeskEngine;
  let sign: CertificateRecord;
  beforeAll(async () => {
    if (kind.missing !== null) return;
    ({ key, desk } = await world.openWrittenKey(kind));
    const { items } = await world.customer.session.ca.searchCertificates({ query: { tokenSerial: key.serial } });
    sign = items.find(({ purpose }) => purpose === 'sign') ?? expect.unreachable('written');
  });
  const stateOf = async (id: string) => (await world.customer.session.ca.getRequest({ params: { requestId: id } })).state;
  const codeFor = async (number: string) => {
    const { items } = await world.customer.session.ca.listSandboxMessages({ query: { limit: 100 } });
    return items.find(({ text }) => text.includes(number) && /\d{6}，/.test(text))?.text.match(/：(\d{6})/)?.[1] ?? expect.unreachable('a code was sent');
  };

  it.skipIf(kind.missing)('refuses: by code, while nobody knows what the key opens, without the typed name; ok: with it, which a wrong code does not spend; refuses: the same answer again', async () => {
    const { engine, close } = await world.openEngine([]);
    await engine.call('session.logIn', world.customer.login);
    await engine.call('ledger.import', { source: { kind: 'json', text: ledgerText('11'.repeat(16)) } });
    // The service cannot say what it has issued to the key: nothing here knows what is on it.
    world.relay.change((path, body) => (path.startsWith('/v1/certificates?') ? { items: [], next: null } : body));
    const draft = await engine.call('requests.create', { draft: { kind: 'suspension', certificateSerialHex: sign.serialHex, tokenSerial: key.serial } });
    const request = await engine.call('requests.submit', { requestId: draft.id });
    expect(request.state).toBe('code-sent');
    const authorizationCode = await codeFor(request.number);
    const confirm = (more: object) => engine.call('requests.confirmByCode', { requestId: request.id, authorizationCode, ...more });
    expect(await refusal(confirm({}))).toMatchObject({ code: 'LEDGER_WOULD_LOSE', details: { bids: [TENDER], confirmationText: TENDER } });
    const { assessmentId, verdict } = await engine.call('ledger.assess', { deed: 'suspension', tokenSerial: key.serial });
    expect(verdict).toBe('would-lose');
    const ledgerAnswer = { assessmentId, typedConfirmation: TENDER };
    expect((await refusal(confirm({ ledgerAnswer: { ...ledgerAnswer, typedConfirmation: '某' } }))).code).toBe('LEDGER_CONFIRMATION_WRONG');
    const other = await engine.call('ledger.assess', { deed: 'revocation', tokenSerial: key.serial });
    expect((await refusal(confirm({ ledgerAnswer: { ...ledgerAnswer, assessmentId: other.assessmentId } }))).code).toBe('LEDGER_ANSWER_STALE');
    expect(await stateOf(request.id)).toBe('code-sent');
    const wrongCode = authorizationCode === '000000' ? '000001' : '000000';
    expect((await refusal(confirm({ authorizationCode: wrongCode, ledgerAnswer }))).code).toBe('CODE_WRONG');
    expect((await confirm({ ledgerAnswer })).certificates.map(({ state }) => state)).toEqual(['suspended', 'suspended']);
    expect((await refusal(confirm({ ledgerAnswer }))).code).toBe('LEDGER_ANSWER_STALE');
    world.relay.change(null);
    await close();
  });

  it.skipIf(kind.missing)('ok: by key no answer is needed, for the key keeps what it opens; the session that the key opened ends with it, and the tool says so', async () => {
    const { key: own, desk: mine } = await world.openWrittenKey(kind);
    const { engine, events } = mine;
    const token = refOf(own);
    const encrypt = (await engine.call('keys.overview', { token })).pairs[0]?.encrypt;
    await engine.call('ledger.import', { source: { kind: 'json', text: ledgerText('22'.repeat(16), encrypt?.sha256Hex ?? '', 'sha-256') } });
    await engine.call('session.logInByKey', { token, pin: own.pin });
    const { items } = await world.customer.session.ca.searchCertificates({ query: { tokenSerial: own.serial } });
    const request = await engine.call('requests.create', { draft: { kind: 'revocation', certificateSerialHex: items.find(({ purpose }) => purpose === 'sign')?.serialHex ?? '', tokenSerial: own.serial, revocationReason: 'cessationOfOperation' } });
    expect(await engine.call('ledger.assess', { deed: 'revocation', token })).toMatchObject({ verdict: 'kept', bids: [{ tenderName: TENDER }] });
    events.length = 0;
    expect((await engine.call('requests.confirmByKey', { requestId: request.id, token, pin: own.pin })).certificates.map(({ state }) => state)).toEqual(['revoked', 'revoked']);
    expect((await refusal(engine.call('requests.get', { requestId: request.id }))).code).toBe('NOT_SIGNED_IN');
    expect([await engine.call('session.get', undefined as never), events.filter(({ name }) => name === 'session.changed').map(({ data }) => data)]).toEqual([null, [{ account: null, key: null }]]);
    await engine.call('session.logIn', world.customer.login);
    expect((await engine.call('requests.get', { requestId: request.id })).state).toBe('completed');
  });

  it.skipIf(kind.missing)('ok: the desk of before is signed in by password, and goes on', async () => {
    expect((await desk.engine.call('session.get', undefined as never))?.loginName).toBe(world.customer.login.loginName);
    expect((await desk.engine.call('bindings.list', undefined as never)).items.length).toBeGreaterThan(0);
  });
});
