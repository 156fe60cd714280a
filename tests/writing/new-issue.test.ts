/** New issue on real parts – CA process, token host, keys of every kind – as a person meets it: the straight way for both keys of an order, and what is refused on the way. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Value } from '@sinclair/typebox/value';
import { DESKTOP_EVENTS, type DesktopEngine } from '#shared/contract/desktop/desktop-contract.ts';
import { NEW_ISSUE_STEPS } from '#shared/contract/desktop/deeds.ts';
import type { AppError } from '#shared/errors/app-error.ts';
import { KEY_KINDS } from '../support/key-kinds.ts';
import { openWritingWorld, refusal, type Desk, type WritingWorld } from './writing-world.ts';

let world: WritingWorld;
beforeAll(async () => {
  world = await openWritingWorld();
});
afterAll(() => world?.close());

for (const kind of KEY_KINDS) {
  describe.skipIf(kind.missing !== null)(`new issue on ${kind.name}`, () => {
    let desk: Desk;
    let engine: DesktopEngine;
    beforeEach(async () => {
      desk = await world.openDesk(kind);
      ({ engine } = desk.composed);
    });
    afterEach(() => world.endTest());
    const fingerprints = async () => (await desk.certificates()).map((one) => one.sha256Hex);

    it('ok: both keys of an order are written, each step is told, the remaining quantity counts down', async () => {
      const order = await desk.order();
      const first = await desk.write(order);
      expect([first.state, first.remainingQuantity, first.error]).toEqual(['completed', 1, null]);
      const told = desk.events.flatMap((event) => (event.name === 'deed.changed' ? [event.data] : []));
      expect([...new Set(told.map((deed) => deed.step))]).toEqual([...NEW_ISSUE_STEPS]);
      expect(told.every((deed) => Value.Check(DESKTOP_EVENTS['deed.changed'], deed))).toBe(true);

      const second = await desk.addKey('second');
      const next = await desk.write(order, second);
      expect([next.state, next.remainingQuantity]).toEqual(['completed', 0]);
      expect(await world.statesOnKey(second.serial)).toEqual(['active', 'active']);
      expect(desk.composed.networkMilliseconds()).toBeGreaterThan(0);
      expect(desk.composed.tokens.driverMilliseconds()).toBeGreaterThan(0);
    });

    it('refuses: a wrong code is told at once and leaves no deed and nothing on the key; the right one then works', async () => {
      const order = await desk.order();
      const wrong = order.code === '000000' ? '000001' : '000000';
      const error = await refusal(engine.call('writing.startNewIssue', { ...desk.input(order), authorizationCode: wrong }));
      expect([error.code, error.details['triesLeft']]).toEqual(['CODE_WRONG', 4]);
      expect(await engine.call('writing.listUnfinished', undefined as never)).toEqual([]);
      expect((await desk.write(order)).state).toBe('completed');
    });

    const other = kind.algorithm === 'sm2' ? 'rsa-2048' : 'sm2';
    // Over PKCS#11 the software UKey has both.
    it.runIf(kind.modelId === 'softhsm2' || kind.interface === 'skf')(`refuses: an order of ${other}, which this key cannot have, before the code is spent`, async () => {
      const order = await world.customer.order(2, other);
      expect((await desk.token()).keyAlgorithms).toEqual([kind.algorithm]);
      const error = await refusal(engine.call('writing.startNewIssue', desk.input(order)));
      expect([error.code, error.details['mechanism']]).toEqual(['DRIVER_MECHANISM', other]);
      expect([await engine.call('writing.listUnfinished', undefined as never), await world.remainingOf(order.requestId)]).toEqual([[], 2]);
    });

    it('refuses: the code of another order, and a second use for the same key', async () => {
      const [order, other] = [await desk.order(), await desk.order()];
      if (order.code !== other.code) expect((await refusal(engine.call('writing.startNewIssue', { ...desk.input(order), authorizationCode: other.code }))).code).toBe('CODE_WRONG');
      await desk.write(order);
      const agreedToAddBesideCertificates = await fingerprints();
      expect((await refusal(engine.call('writing.startNewIssue', { ...desk.input(order), agreedToAddBesideCertificates }))).code).toBe('CODE_USED_FOR_KEY');
      expect(await world.remainingOf(order.requestId)).toBe(1);
    });

    // SKF tells the tries exactly: nine of ten are no reason to ask. PKCS#11 only says that tries are gone.
    it(`refuses: a wrong PIN is sent once and spends no code${kind.interface === 'skf' ? '' : ', and asks for confirmation before the next try'}`, async () => {
      const order = await desk.order();
      expect((await refusal(engine.call('writing.startNewIssue', { ...desk.input(order), pin: '00000000' }))).code).toBe('PIN_INCORRECT');
      if (desk.key.soft) expect((await desk.key.soft.status()).userPin.triesLeft).toBe((kind.pinTries ?? 0) - 1);
      if (kind.interface !== 'skf') expect((await refusal(engine.call('writing.startNewIssue', desk.input(order)))).code).toBe('PIN_NOT_CONFIRMED');
      expect(await world.remainingOf(order.requestId)).toBe(2);
      const begun = await engine.call('writing.startNewIssue', { ...desk.input(order), confirmedFewTries: true });
      expect((await desk.ended(begun)).state).toBe('completed');
    });

    it('refuses: a key with certificates, unless the person agreed to exactly these; and a second pair of the same project, whose code stays unused', async () => {
      const [order, later] = [await desk.order(), await desk.order()];
      await desk.write(order);
      const error = await refusal(engine.call('writing.startNewIssue', desk.input(later)));
      const present = error.details['sha256Hex'] as readonly string[];
      expect([error.code, present.length]).toEqual(['KEY_HAS_CERTIFICATES', 2]);
      for (const agreed of [present.slice(0, 1), [...present, '00'.repeat(32)], ['00'.repeat(32)]]) {
        expect((await refusal(engine.call('writing.startNewIssue', { ...desk.input(later), agreedToAddBesideCertificates: [...agreed] }))).code).toBe('KEY_HAS_CERTIFICATES');
      }
      expect((await refusal(engine.call('writing.startNewIssue', { ...desk.input(later), agreedToAddBesideCertificates: [...present] }))).code).toBe('ISSUANCE_KEY_HAS_PAIR');
      expect([await engine.call('writing.listUnfinished', undefined as never), await world.remainingOf(later.requestId)]).toEqual([[], 2]);
      expect((await fingerprints()).sort()).toEqual([...present].sort());
    });

    // Over PKCS#11 the software UKey has both algorithms, so that a key can have a pair of each project.
    it.runIf(kind.modelId === 'bidkey-soft-ukey' && kind.interface === 'pkcs11')('ok: beside the pair of another project, which stays as it is', async () => {
      const [order, later] = [await desk.order(), await world.customer.order(2, other)];
      await desk.write(order);
      const present = await fingerprints();
      expect((await desk.ended(await engine.call('writing.startNewIssue', { ...desk.input(later), agreedToAddBesideCertificates: present }))).state).toBe('completed');
      const now = await fingerprints();
      expect(now).toHaveLength(4);
      expect(now).toEqual(expect.arrayContaining([...present]));
    });

    it('refuses: two writers on one key at once, and only one of two on the last key of an order', async () => {
      const order = await desk.order();
      const [a, b] = await Promise.allSettled([engine.call('writing.startNewIssue', desk.input(order)), engine.call('writing.startNewIssue', desk.input(order))]);
      expect([a.status, b.status]).toEqual(['fulfilled', 'rejected']);
      expect(b.status === 'rejected' && (b.reason as AppError).code).toBe('DEED_RUNNING');
      if (a.status === 'fulfilled') await desk.ended(a.value);

      const [second, third] = [await desk.addKey('second'), await desk.addKey('third')];
      const both = await Promise.allSettled([engine.call('writing.startNewIssue', desk.input(order, second)), engine.call('writing.startNewIssue', desk.input(order, third))]);
      expect(both.map((one) => (one.status === 'rejected' ? (one.reason as AppError).code : one.status)).sort()).toEqual(['ORDER_QUANTITY_USED_UP', 'fulfilled']);
      for (const one of both) if (one.status === 'fulfilled') expect((await desk.ended(one.value)).state).toBe('completed');
      const refused = both[0].status === 'rejected' ? second : third;
      // Nothing is left of the order line: it is no longer among those to be written.
      expect((await refusal(engine.call('writing.startNewIssue', desk.input(order, refused)))).code).toBe('NOT_FOUND');
      expect(await world.remainingOf(order.requestId)).toBe(0);
    });

    it('ok: of two keys with the same label the chosen one is written, and the other is not touched', async () => {
      const twin = await desk.addKey(desk.key.label);
      const order = await desk.order();
      expect((await desk.write(order, twin)).state).toBe('completed');
      expect(await desk.certificates(twin)).toHaveLength(2);
      expect(await desk.certificates()).toEqual([]);
      expect((await desk.write(order)).state).toBe('completed');
      expect([await world.statesOnKey(desk.key.serial), await world.statesOnKey(twin.serial)]).toEqual([['active', 'active'], ['active', 'active']]);
    });

    it('refuses: resuming with another key or without the code; ok: the right key and the code again', async () => {
      const order = await desk.order();
      world.gate.cut();
      // The order line cannot even be looked up: nothing begins.
      expect((await refusal(engine.call('writing.startNewIssue', desk.input(order)))).code).toBe('CA_UNREACHABLE');
      expect(await engine.call('writing.listUnfinished', undefined as never)).toEqual([]);
      world.gate.mend();
      const deed = await desk.interruptedAt('generate', order);
      const other = await desk.key.addKey('other');
      await desk.key.remove();
      await desk.rescan();
      await desk.untilSeen(other);
      const wrong = await refusal(engine.call('writing.resume', { deedId: deed.id, pin: other.pin }));
      expect([wrong.code, wrong.details['wantedSerial']]).toEqual(['DEED_WRONG_KEY', desk.key.serial]);
      await desk.key.insert();
      await desk.rescan();
      await desk.untilSeen();
      const blocked = await refusal(engine.call('writing.startNewIssue', desk.input(order)));
      expect([blocked.code, blocked.details['deedId']]).toEqual(['DEED_UNFINISHED', deed.id]);
      expect((await desk.resume(deed)).state).toBe('completed');
    });

    it('ok: cancelling an interrupted deed revokes at the CA, clears the key, and the same code works again', async () => {
      const order = await desk.order();
      const deed = await desk.interruptedAt('import-certificates', order);
      expect((await refusal(engine.call('writing.cancel', { deedId: deed.id }))).details['fields']).toEqual(['/pin']);
      expect((await engine.call('writing.cancel', { deedId: deed.id, pin: desk.key.pin })).state).toBe('cancelled');
      expect(await world.statesOnKey(desk.key.serial)).toEqual(['revoked', 'revoked']);
      expect(await world.remainingOf(order.requestId)).toBe(2);
      expect(await desk.certificates()).toEqual([]);
      expect((await desk.write(order)).state).toBe('completed');
      expect((await refusal(engine.call('writing.cancel', { deedId: deed.id }))).code).toBe('DEED_STATE');
    });

    it('ok: a running deed is cancelled after its present step; refuses: one that is completed', async () => {
      const order = await desk.order();
      const deed = await engine.call('writing.startNewIssue', desk.input(order));
      expect((await engine.call('writing.cancel', { deedId: deed.id })).state).toBe('cancelled');
      expect(await world.remainingOf(order.requestId)).toBe(2);
      const done = await desk.write(order);
      expect((await refusal(engine.call('writing.cancel', { deedId: done.id }))).code).toBe('DEED_STATE');
      expect(await world.statesOnKey(desk.key.serial)).toContain('active');
    });

    it('ok: a deed cancelled without its key (lost) is closed at the CA', async () => {
      const deed = await desk.interruptedAt('prove', await desk.order());
      await desk.key.remove();
      await desk.rescan();
      expect((await engine.call('writing.cancel', { deedId: deed.id })).state).toBe('cancelled');
      expect(await world.statesOnKey(desk.key.serial)).toEqual(['revoked', 'revoked']);
    });

    it('ok: a lost journal is no lost order: starting again takes up what the CA has open', async () => {
      const order = await desk.order();
      await desk.interruptedAt('prove', order);
      const later = await world.openDesk(kind, desk.key);
      const agreedToAddBesideCertificates = (await later.certificates()).map((one) => one.sha256Hex);
      const begun = await later.composed.engine.call('writing.startNewIssue', { ...later.input(order), agreedToAddBesideCertificates });
      expect((await later.ended(begun)).state).toBe('completed');
      expect(await world.statesOnKey(desk.key.serial)).toEqual(['active', 'active']);
      expect(await world.remainingOf(order.requestId)).toBe(1);
    });

    it('refuses: everything of the account after the log-out', async () => {
      await desk.order();
      expect((await engine.call('orders.listPendingWritings', {})).items.length).toBeGreaterThan(0);
      await engine.call('session.logOut', undefined as never);
      expect(await engine.call('session.get', undefined as never)).toBe(null);
      expect((await refusal(engine.call('orders.listPendingWritings', {}))).code).toBe('NOT_SIGNED_IN');
    });
  });
}
