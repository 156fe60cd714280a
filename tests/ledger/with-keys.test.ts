/** The ledger with real keys and real sealed files: a bid sealed for the certificate on a key, before and after what happens to that key. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { seenCertificatesOf } from '../../src-main/ledger/sqlite-ledger.ts';
import { rehearseOpening } from '../../src-main/sealing/rehearse-opening.ts';
import { readTokenKeys } from '../../src-main/sealing/token-keys.ts';
import { sealBid } from '../../src-main/sealing/seal-bid.ts';
import type { LedgerDocument } from '#shared/contract/desktop/ledger.ts';
import { openDeskWorld, refusal, type DeskEngine, type DeskWorld } from '../desk/desk-world.ts';
import { pause } from '../faults/fault-world.ts';
import { bidOf, makeFolder, makePeople, means, patterned, type People, type SealFolder } from '../seal/support/seal-world.ts';
import { KEY_KINDS, refOf, type TestKey } from '../support/key-kinds.ts';
import { createLife, itemOf, relaxRules } from '../support/life.ts';

let world: DeskWorld;
let people: People;
let folder: SealFolder;
beforeAll(async () => {
  [world, people, folder] = await Promise.all([openDeskWorld(), makePeople(), makeFolder()]);
  relaxRules(world.ca.dataFolder);
});
afterAll(async () => {
  await folder?.dispose();
  await world?.close();
});

const KINDS = [{ of: 'SoftHSM2, RSA', suite: 'aes' as const }, { of: 'soft UKey SKF, SM2', suite: 'sm' as const }].flatMap(({ of, suite }) => KEY_KINDS.filter(({ name }) => name === of).map((kind) => ({ ...kind, suite })));
const OPENS = new Date(Date.now() + 10 * 86_400_000);

describe.each(KINDS)('$name, suite $suite', (kind) => {
  let key: TestKey;
  let desk: DeskEngine;
  let sealId = '';
  beforeAll(async () => {
    if (kind.missing === null) ({ key, desk } = await world.openWrittenKey(kind));
  });

  it.skipIf(kind.missing)('ok: a sealed file that was made elsewhere is taken in by its public part', async () => {
    const encryption = (await desk.engine.call('keys.overview', { token: refOf(key) })).pairs[0]?.encrypt;
    const opener = { certificateDer: fromBase64(encryption?.certificateDer ?? ''), revocation: 'unknown' as const, revocationAt: null };
    const path = folder.path(`${kind.suite}.bid`);
    await sealBid(bidOf(people, {
      suite: kind.suite, documents: [await folder.document('投标函.pdf', patterned(3000))], outPath: path, identity: { bidId: 'B-1', tenderId: 'T-88', lot: '一标段', opensAt: OPENS },
      groups: [{ name: '投标人', openers: [opener] }, { name: '招标人', openers: [people.tendererSm2.opener] }],
    }), { ...means, clock: () => new Date() });
    const taken = await desk.engine.call('ledger.import', { source: { kind: 'file', path, tenderName: '某路灯工程', bidderName: '杭州标钥科技有限公司' } });
    expect(taken).toMatchObject({ changed: [], unchanged: [] });
    sealId = taken.added[0] ?? '';
    const bid = await desk.engine.call('ledger.get', { sealId });
    expect(bid).toMatchObject({ tenderId: 'T-88', tenderName: '某路灯工程', lot: '一标段', state: 'to-open', file: path, openers: [{ group: '投标人', fingerprintDigest: kind.suite === 'sm' ? 'sm3' : 'sha-256' }, { group: '招标人' }] });
    expect((await desk.engine.call('ledger.import', { source: { kind: 'file', path } })).unchanged).toEqual([sealId]);
    expect((await desk.engine.call('keys.overview', { token: refOf(key) })).pairs[0]?.bidsToOpen).toBe(1);
    expect(desk.events).toContainEqual({ name: 'ledger.changed', data: { toOpen: 1 } });
  });

  it.skipIf(kind.missing)('ok: a renewal keeps it by history key and escrow; after a logout escrow is not known', async () => {
    const { engine } = desk;
    const assessment = await engine.call('ledger.assess', { deed: 'renewal', token: refOf(key) });
    expect([assessment.verdict, assessment.bids[0]?.groups.map(({ group, keptBy }) => [group, keptBy.map(({ by }) => by)])]).toEqual(['kept', [['投标人', ['history-key', 'escrow']]]]);
    await engine.call('session.logOut', undefined as never);
    expect((await engine.call('ledger.assess', { deed: 'renewal', token: refOf(key) })).bids[0]?.groups[0]).toMatchObject({ keptBy: [{ by: 'history-key' }], doubts: [{ reason: 'escrow-unknown' }] });
  });

  it.skipIf(kind.missing)('refuses: to call a reissue safe while nobody is signed in; ok: when the service says that it keeps the key', async () => {
    const { engine } = desk;
    await key.remove();
    await engine.call('tokens.rescan', undefined as never);
    const alone = await engine.call('ledger.assess', { deed: 'reissue', tokenSerial: key.serial });
    expect([alone.verdict, alone.confirmationText]).toEqual(['would-lose', '某路灯工程']);
    await engine.call('session.logIn', world.customer.login);
    expect(await engine.call('ledger.assess', { deed: 'reissue', tokenSerial: key.serial })).toMatchObject({ verdict: 'kept', bids: [{ groups: [{ keptBy: [{ by: 'escrow' }] }] }] });
    await key.insert();
    await engine.call('tokens.rescan', undefined as never);
  });

  it.skipIf(kind.missing)('refuses: a revocation that empties the key, until the bid is opened', async () => {
    const { engine } = desk;
    await engine.call('session.logOut', undefined as never);
    const question = { deed: 'revocation' as const, token: refOf(key), removesContents: true };
    expect((await engine.call('ledger.assess', question)).verdict).toBe('would-lose');
    await engine.call('ledger.setState', { sealId, state: 'opened' });
    expect((await engine.call('ledger.assess', question)).verdict).toBe('safe');
    await engine.call('ledger.setState', { sealId, state: 'to-open' });
    await engine.call('session.logIn', world.customer.login);
  });

  it.skipIf(kind.missing)('refuses: a renewal that takes the old pair off, without the typed name of the tender, and spends neither PIN nor code; ok: with it', async () => {
    const { engine } = desk;
    const life = await createLife(world.relay.url, world.customer.session);
    const certificateSerialHex = (await engine.call('requests.forKey', { token: refOf(key) })).certificates[0]?.certificate.serialHex ?? '';
    const ready = await life.ready({ kind: 'renewal', certificateSerialHex, tokenModelId: kind.modelId, keyPolicy: 'new-keys', itemId: await itemOf(world.customer.session, 'renewal', kind.algorithm) }, async ({ id }) => {
      const { version } = await engine.call('requests.riskNotice', undefined as never);
      return engine.call('requests.acceptRiskNotice', { requestId: id, noticeVersion: version, token: refOf(key), pin: key.pin });
    });
    // Opens tomorrow: nobody brings a key back from escrow by then.
    const { text } = await engine.call('ledger.export', undefined as never);
    const [bid] = (JSON.parse(text) as LedgerDocument).bids;
    const soon = { format: 'bidkey-ledger', version: 1, exportedAtUtc: new Date().toISOString(), bids: [{ ...bid, openingTimeUtc: new Date(Date.now() + 86_400_000).toISOString() }] };
    expect((await engine.call('ledger.import', { source: { kind: 'json', text: JSON.stringify(soon) } })).changed).toEqual([sealId]);
    const start = { kind: 'renewal' as const, requestId: ready.request.id, token: refOf(key), tokenModelId: kind.modelId, authorizationCode: ready.code, oldPair: 'keep-none' as const, agreedToEscrowOnly: true };
    expect(await refusal(engine.call('writing.start', { ...start, pin: '00000000' }))).toMatchObject({ code: 'LEDGER_WOULD_LOSE', details: { bids: ['某路灯工程'] } });
    const { assessmentId } = await engine.call('ledger.assess', { deed: 'renewal', token: refOf(key), keyPolicy: 'new-keys', removesContents: true });
    expect((await refusal(engine.call('writing.start', { ...start, pin: '00000000', ledgerAnswer: { assessmentId, typedConfirmation: '某' } }))).code).toBe('LEDGER_CONFIRMATION_WRONG');
    // A wrong PIN leaves what was typed as it is.
    const ledgerAnswer = { assessmentId, typedConfirmation: '某路灯工程' };
    expect((await refusal(engine.call('writing.start', { ...start, pin: '00000000', ledgerAnswer }))).code).toBe('PIN_INCORRECT');
    let deed = await engine.call('writing.start', { ...start, pin: key.pin, confirmedFewTries: true, ledgerAnswer });
    while (deed.state === 'running') {
      await pause(20);
      deed = await engine.call('writing.get', { deedId: deed.id });
    }
    expect([deed.state, deed.error]).toEqual(['completed', null]);
    // The old encryption key is gone from it, so this key keeps nothing for that bid any more.
    expect((await engine.call('keys.overview', { token: refOf(key) })).pairs.map(({ standing }) => standing)).toEqual(['current']);
    expect((await engine.call('ledger.assess', { deed: 'renewal', token: refOf(key) })).verdict).toBe('safe');
    expect((await engine.call('ledger.assess', { deed: 'reissue', tokenSerial: key.serial })).bids[0]?.groups[0]).toMatchObject({ keptBy: [{ by: 'escrow' }] });
  });


  it.skipIf(kind.missing)('ok: after a renewal with the same keys a bid that names the old certificate opens, though that is not on the key any more', async () => {
    const { engine, tokens, dataFolder } = desk;
    const old = (await engine.call('keys.overview', { token: refOf(key) })).pairs[0]?.encrypt;
    const path = folder.path(`${kind.suite}-same.bid`);
    await sealBid(bidOf(people, {
      suite: kind.suite, documents: [await folder.document('a.pdf', patterned(500))], outPath: path, identity: { bidId: 'B-3', tenderId: 'T-90', lot: '', opensAt: OPENS },
      groups: [{ name: '投标人', openers: [{ certificateDer: fromBase64(old?.certificateDer ?? ''), revocation: 'unknown', revocationAt: null }] }],
    }), { ...means, clock: () => new Date() });
    await engine.call('ledger.import', { source: { kind: 'file', path } });
    const certificateSerialHex = (await engine.call('requests.forKey', { token: refOf(key) })).certificates[0]?.certificate.serialHex ?? '';
    const life = await createLife(world.relay.url, world.customer.session);
    const ready = await life.ready({ kind: 'renewal', certificateSerialHex, tokenModelId: kind.modelId, keyPolicy: 'same-keys', itemId: await itemOf(world.customer.session, 'renewal', kind.algorithm) }, async ({ id }) => {
      const { version } = await engine.call('requests.riskNotice', undefined as never);
      return engine.call('requests.acceptRiskNotice', { requestId: id, noticeVersion: version, token: refOf(key), pin: key.pin });
    });
    expect((await engine.call('ledger.assess', { deed: 'renewal', token: refOf(key), keyPolicy: 'same-keys' })).bids[0]?.groups[0]?.keptBy[0]?.by).toBe('same-key');
    let deed = await engine.call('writing.start', { kind: 'renewal', requestId: ready.request.id, token: refOf(key), tokenModelId: kind.modelId, authorizationCode: ready.code, pin: key.pin });
    while (deed.state === 'running') {
      await pause(20);
      deed = await engine.call('writing.get', { deedId: deed.id });
    }
    expect([deed.state, deed.error]).toEqual(['completed', null]);
    expect((await engine.call('tokens.list', undefined as never)).tokens[0]?.certificates.map(({ sha256Hex }) => sha256Hex)).not.toContain(old?.sha256Hex);
    const session = await tokens.logIn(refOf(key), new TextEncoder().encode(key.pin));
    const { recipients } = await readTokenKeys(session, seenCertificatesOf(join(dataFolder, 'ledger.db')));
    const rehearsal = await rehearseOpening(path, recipients, means);
    await session.close();
    expect(rehearsal.opened).toBe(true);
    // So the bid still depends on this key, whichever certificate it names.
    expect((await engine.call('ledger.assess', { deed: 'renewal', token: refOf(key), keyPolicy: 'new-keys' })).bids[0]?.groups[0]?.keptBy.map(({ by }) => by)).toContain('history-key');
    expect((await engine.call('ledger.assess', { deed: 'revocation', token: refOf(key), removesContents: true })).bids.map(({ tenderName }) => tenderName)).toEqual(['T-90']);
  });
});

describe('another engine on another machine', () => {
  it('ok: an exported ledger goes over; a bid that opens within a day is due at once', async () => {
    const here = await world.openEngine([]);
    const there = await world.openEngine([]);
    const path = folder.path('soon.bid');
    const opensAt = new Date(Date.now() + 5 * 3_600_000);
    await sealBid(bidOf(people, { documents: [await folder.document('a.pdf', patterned(100))], outPath: path, identity: { bidId: 'B-2', tenderId: 'T-89', lot: '', opensAt } }), { ...means, clock: () => new Date() });
    await here.engine.call('ledger.import', { source: { kind: 'file', path } });
    const { text } = await here.engine.call('ledger.export', undefined as never);
    await there.engine.call('ledger.import', { source: { kind: 'json', text } });
    expect(await there.engine.call('ledger.reminders', undefined as never)).toMatchObject([{ tenderName: 'T-89', kind: 'day-before', state: 'due' }, { kind: 'hour-before', state: 'upcoming' }]);
    expect(there.events.filter(({ name }) => name === 'ledger.due')).toMatchObject([{ data: { reminders: [{ tenderName: 'T-89', kind: 'day-before' }] } }]);
    await here.close();
    await there.close();
  });
});
