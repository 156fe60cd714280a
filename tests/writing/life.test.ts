/**
 * The deeds after the new issue on real parts – CA process, token host, keys of every kind – as a person meets them: renewal and change with new and with the same keys,
 * reissue with the old keys from escrow, key recovery, unlock after a real lock. Rule proved: what could be opened before can be opened after.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeedKind } from '#shared/contract/desktop/deed-plans.ts';
import type { DesktopEngine } from '#shared/contract/desktop/desktop-contract.ts';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { KeyPolicy } from '#shared/contract/rest/requests.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { KEY_KINDS, refOf, type TestKey } from '../support/key-kinds.ts';
import type { ReadyRequest } from '../support/life.ts';
import { expectAllOpen, NEW_PIN, opened, pinsFor, readyFor, sealSecrets, signerInForce, startInput, UNBLOCK_FAILS, type SealedSecret } from './life-desk.ts';
import { openWritingWorld, refusal, type Desk, type WritingWorld } from './writing-world.ts';

let world: WritingWorld;
beforeAll(async () => {
  world = await openWritingWorld();
});
afterAll(() => world?.close());

// What RSA on the software UKey does differently is the token's; tests/token and the complete fault table have it.
const KINDS = KEY_KINDS.filter(({ modelId, algorithm }) => modelId === 'softhsm2' || algorithm === 'sm2');

for (const kind of KINDS) {
  describe.skipIf(kind.missing !== null)(`life of a certificate on ${kind.name}`, () => {
    let desk: Desk;
    let engine: DesktopEngine;
    let secrets: SealedSecret[];
    beforeEach(async () => {
      desk = await world.openDesk(kind);
      ({ engine } = desk.composed);
      expect((await desk.write(await desk.order(1))).error).toBe(null);
      secrets = await sealSecrets(world.customer, kind, desk.key.serial);
      expect(secrets).toHaveLength(1);
    });
    afterEach(() => world.endTest());

    const ready = (what: DeedKind, keyPolicy: KeyPolicy = 'new-keys', about: TestKey = desk.key) => readyFor({ life: world.life, customer: world.customer, engine, keyKind: kind, about, pin: desk.key.pin }, what, keyPolicy);
    const start = async (what: DeedKind, asked: ReadyRequest, on: TestKey = desk.key, more: object = {}): Promise<Deed> => desk.ended(await engine.call('writing.start', { ...startInput(what, asked, kind, on, on.pin), ...more }));
    const stateOf = async ({ request }: ReadyRequest) => (await world.life.now(request)).state;

    it('ok: renewed with new keys: one pair in force, the old one ended, and the old encryption key stays and opens what was sealed to it', async () => {
      const before = await signerInForce(world.customer, desk.key.serial);
      const asked = await ready('renewal');
      const deed = await start('renewal', asked);
      expect([deed.state, deed.error, deed.plan]).toEqual(['completed', null, 'new-keys']);
      expect([await stateOf(asked), (await world.statesOnKey(desk.key.serial)).join()]).toEqual(['completed', 'active,active,revoked,revoked']);
      expect((await signerInForce(world.customer, desk.key.serial)).serialHex).not.toBe(before.serialHex);
      await expectAllOpen(desk.composed.tokens, desk.key, desk.key.pin, [...secrets, ...(await sealSecrets(world.customer, kind, desk.key.serial))]);
      expect(await desk.certificates()).toHaveLength(4);
    });

    it('ok: with the wish to keep none, the old pair goes once the new one is in force; a recovery brings its encryption key back from escrow', async () => {
      const asked = await ready('renewal');
      expect((await refusal(engine.call('writing.start', { ...startInput('renewal', asked, kind, desk.key, desk.key.pin), oldPair: 'keep-none' }))).code).toBe('DEED_ESCROW_NOT_AGREED');
      expect((await start('renewal', asked, desk.key, { oldPair: 'keep-none', agreedToEscrowOnly: true })).state).toBe('completed');
      expect([(await desk.certificates()).length, await opened(desk.composed.tokens, desk.key, desk.key.pin, secrets)]).toEqual([2, []]);
      const recovery = await ready('key-recovery');
      expect(await start('key-recovery', recovery)).toMatchObject({ state: 'completed', error: null });
      await expectAllOpen(desk.composed.tokens, desk.key, desk.key.pin, secrets);
      expect(await stateOf(recovery)).toBe('completed');
    });

    it('ok: renewed with the same keys: new certificates over the old keys, in their place', async () => {
      const keysBefore = (await desk.certificates()).map((one) => one.containerId);
      const asked = await ready('renewal', 'same-keys');
      expect(await start('renewal', asked)).toMatchObject({ state: 'completed', error: null, plan: 'same-keys' });
      expect((await desk.certificates()).map((one) => one.containerId)).toEqual(keysBefore);
      expect(await world.statesOnKey(desk.key.serial)).toEqual(['active', 'active', 'revoked', 'revoked']);
      await expectAllOpen(desk.composed.tokens, desk.key, desk.key.pin, secrets);
    });

    it('ok: given up with the same keys, the old certificates are on the key again and in force; the code works once more', async () => {
      const before = (await desk.certificates()).map((one) => one.sha256Hex).sort();
      const asked = await ready('renewal', 'same-keys');
      const cut = desk.onStep('prove', () => world.gate.cut());
      const begun = await engine.call('writing.start', startInput('renewal', asked, kind, desk.key, desk.key.pin));
      await cut;
      expect(await desk.ended(begun)).toMatchObject({ state: 'interrupted', error: { code: 'CA_UNREACHABLE' } });
      world.gate.mend();
      expect((await desk.certificates()).map((one) => one.sha256Hex).sort()).not.toEqual(before);
      expect((await engine.call('writing.cancel', { deedId: begun.id, pin: desk.key.pin })).state).toBe('cancelled');
      expect((await desk.certificates()).map((one) => one.sha256Hex).sort()).toEqual(before);
      expect((await world.statesOnKey(desk.key.serial)).filter((state) => state === 'active')).toHaveLength(2);
      expect(await start('renewal', asked)).toMatchObject({ state: 'completed', error: null });
    });

    it('ok: changed, with new and with the same keys: the new subject stands in the certificates, the old bids still open', async () => {
      for (const policy of ['new-keys', 'same-keys'] as const) {
        expect(await start('change', await ready('change', policy))).toMatchObject({ state: 'completed', error: null });
        await expectAllOpen(desk.composed.tokens, desk.key, desk.key.pin, secrets);
      }
      expect((await world.statesOnKey(desk.key.serial)).filter((state) => state === 'active')).toHaveLength(2);
    });

    it('ok: reissued for a lost key: the new key opens what was sealed to the old one, and the old certificates end with the completion', async () => {
      const asked = await ready('reissue');
      const lost = desk.key;
      const fresh = await desk.addKey('fresh');
      expect((await refusal(engine.call('writing.start', { ...startInput('reissue', asked, kind, lost, lost.pin), agreedToAddBesideCertificates: (await desk.certificates()).map((one) => one.sha256Hex) }))).code).toBe('REQUEST_OTHER_KEY');
      await lost.remove();
      expect(await start('reissue', asked, fresh)).toMatchObject({ state: 'completed', error: null, plan: 'reissue' });
      expect([await world.statesOnKey(lost.serial), await world.statesOnKey(fresh.serial)]).toEqual([['revoked', 'revoked'], ['active', 'active']]);
      await expectAllOpen(desk.composed.tokens, fresh, fresh.pin, secrets);
    });

    it('refuses: another key than that of the request, and a request of another kind, before the code is spent', async () => {
      const asked = await ready('renewal');
      const other = await desk.addKey('other');
      expect((await refusal(engine.call('writing.start', startInput('renewal', asked, kind, other, other.pin)))).details).toMatchObject({ wanted: 'same', wantedSerial: desk.key.serial });
      expect((await refusal(engine.call('writing.start', { ...startInput('renewal', asked, kind, desk.key, desk.key.pin), kind: 'change' }))).code).toBe('REQUEST_OTHER_KIND');
      expect([await engine.call('writing.listUnfinished', undefined as never), await stateOf(asked)]).toEqual([[], 'code-sent']);
    });

    describe('administrator PIN', () => {
      const adopt = async (administratorPin = desk.key.adminPin) => desk.ended(await engine.call('writing.adoptAdministratorPin', { requestId: await newIssueOf(), token: refOf(desk.key), tokenModelId: kind.modelId, administratorPin }));
      const newIssueOf = async () => (await world.customer.session.ca.listRequests({ query: { kind: 'new-issue', limit: 1 } })).items[0]?.id ?? expect.unreachable('it was written');
      const pinState = async () => (await world.customer.session.ca.getAdministratorPinState({ params: { tokenSerial: desk.key.serial } })).state;

      it('ok: handed over, then the locked key is unlocked with a new user PIN, and the administrator PIN is another one again', async () => {
        expect(await adopt()).toMatchObject({ state: 'completed', error: null });
        expect(await pinState()).toBe('in-force');
        await lock(desk);
        const asked = await ready('unlock');
        expect(await start('unlock', asked)).toMatchObject({ state: 'completed', error: null, plan: 'unlock' });
        expect([await stateOf(asked), await pinState()]).toEqual(['completed', 'in-force']);
        await expectAllOpen(desk.composed.tokens, desk.key, NEW_PIN, secrets);
        // Neither the PIN of before nor that of the first handing over fits any more.
        expect((await refusal(desk.composed.tokens.unblockPin(refOf(desk.key), bytes(desk.key.adminPin), bytes(desk.key.pin)))).code).toBe('ADMIN_PIN_INCORRECT');
      });

      it('refuses: a wrong administrator PIN is tried once, and not again unless the person says so; ok: the right one is handed over', async () => {
        const wrong = await adopt('00000000');
        expect([wrong.state, wrong.error?.code]).toEqual(['interrupted', 'ADMIN_PIN_INCORRECT']);
        const tries = async () => (await desk.key.soft?.status())?.adminPin.triesLeft;
        const left = await tries();
        const again = await desk.ended(await engine.call('writing.resume', { deedId: wrong.id, administratorPin: desk.key.adminPin }));
        expect([again.error?.code, again.error?.details['triedAgain'], await tries()]).toEqual(['ADMIN_PIN_INCORRECT', false, left]);
        const right = await desk.ended(await engine.call('writing.resume', { deedId: wrong.id, administratorPin: desk.key.adminPin, confirmedFewTries: true }));
        expect([right.state, right.error, await pinState()]).toEqual(['completed', null, 'in-force']);
      });

      it('refuses: an unlock of a key whose administrator PIN nobody has, and the code stays unused', async () => {
        const asked = await ready('unlock');
        expect((await refusal(engine.call('writing.start', startInput('unlock', asked, kind, desk.key, desk.key.pin)))).code).toBe('ADMINISTRATOR_PIN_NONE');
        expect([await engine.call('writing.listUnfinished', undefined as never), await stateOf(asked)]).toEqual([[], 'code-sent']);
      });

      it.runIf(kind.modelId === 'bidkey-soft-ukey')('ok: cut off right after the key took its next administrator PIN, and the new user PIN forgotten: another one is set, and no try with a wrong PIN is left behind', async () => {
        await adopt();
        await lock(desk);
        const asked = await ready('unlock');
        const { tokens } = desk.composed;
        const { changeAdminPin } = tokens;
        const changed = vi.spyOn(tokens, 'changeAdminPin').mockImplementationOnce(async (...given) => {
          await changeAdminPin.apply(tokens, given);
          throw new AppError('TOKEN_REMOVED');
        });
        const deed = await start('unlock', asked);
        changed.mockRestore();
        expect([deed.state, deed.step, deed.error?.code]).toEqual(['interrupted', 'rotate', 'TOKEN_REMOVED']);
        const tries = async () => (await desk.key.soft?.status())?.adminPin.triesLeft;
        const left = await tries();
        const done = await desk.ended(await engine.call('writing.resume', { deedId: deed.id, newPin: OTHER_PIN }));
        expect([done.state, done.error, await stateOf(asked), await tries()]).toEqual(['completed', null, 'completed', left]);
        await expectAllOpen(desk.composed.tokens, desk.key, OTHER_PIN, secrets);
      });

      it.runIf(kind.modelId === 'bidkey-soft-ukey')('ok: cut off when the PIN was given out, the unlock goes on without a code, with the new PIN typed again; refuses: giving it up', async () => {
        await adopt();
        await lock(desk);
        const asked = await ready('unlock');
        const [call, failure] = UNBLOCK_FAILS[kind.interface];
        await desk.key.soft?.fault(call, 1, 'return', failure);
        const deed = await start('unlock', asked);
        expect([deed.state, deed.step, deed.pinNeeded]).toEqual(['interrupted', 'unblock', 'new-pin']);
        await desk.key.soft?.clearFaults();
        expect((await refusal(engine.call('writing.cancel', { deedId: deed.id }))).code).toBe('DEED_NOT_CANCELLABLE');
        expect((await refusal(engine.call('writing.resume', { deedId: deed.id }))).details['fields']).toEqual(['/newPin']);
        const done = await desk.ended(await engine.call('writing.resume', { deedId: deed.id, ...pinsFor(deed, desk.key.pin) }));
        expect([done.state, done.error, await stateOf(asked)]).toEqual(['completed', null, 'completed']);
        await expectAllOpen(desk.composed.tokens, desk.key, NEW_PIN, secrets);
      });
    });
  });
}

const OTHER_PIN = '48205719';
const bytes = (text: string) => new TextEncoder().encode(text);

/** Really: by wrong tries until the key refuses. SoftHSM2 never locks; there the PIN is as good as forgotten. */
async function lock({ key, composed, rescan, untilSeen }: Desk): Promise<void> {
  if (!key.soft) return;
  for (;;) {
    const code = await composed.tokens.logIn(refOf(key), bytes('00000000')).then(() => 'in', (thrown: { code: string }) => thrown.code);
    expect(['PIN_INCORRECT', 'PIN_LOCKED']).toContain(code);
    if ((await key.soft.status()).userPin.locked) break;
  }
  await rescan();
  await untilSeen();
}
