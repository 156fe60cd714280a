/**
 * What counts as news of a key: what a person would call a change, and nothing else. Whoever hears news asks for the list and the key's page; if asking made news again,
 * there would be no end. On SoftHSM2, which gives objects in another order every time, and on both faces of the software UKey.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenList } from '#shared/contract/desktop/tokens.ts';
import { refOf } from '../support/key-kinds.ts';
import { createTestAuthorities, equipContainer, equipKey, FIRST_CONTAINER, kindNamed, type EquippedKey, type TestAuthorities } from '../seal/support/token-world.ts';
import { bytes, errorOf, listThat } from './token-fixtures.ts';

const SECOND_CONTAINER = 'ffeeddccbbaa99887766554433221100';
const OTHER_LABEL = '投标 key 2';
/** Two certificates in two orders: as many looks agree by chance once in a million. */
const LOOKS = 20;

let authorities: TestAuthorities;
beforeAll(async () => {
  authorities = await createTestAuthorities();
});
afterAll(() => authorities?.dispose());

const FACES = ['SoftHSM2, RSA', 'soft UKey PKCS#11, SM2', 'soft UKey SKF, SM2'].map(kindNamed);

for (const kind of FACES) {
  describe.skipIf(kind.missing !== null)(`news of ${kind.name}${kind.missing ? ` (${kind.missing})` : ''}`, () => {
    let key: EquippedKey;
    let news: TokenList[];
    beforeAll(async () => {
      key = await equipKey(kind, authorities);
      await key.client.list();
      news = [];
      key.client.onChange((list) => news.push(list));
    });
    afterAll(() => key?.dispose());

    it('ok: looks, the key’s page, logins and uses of the key are no news, and lists are the same but for what only a login can see', async () => {
      const lists: TokenList[] = [];
      const look = async () => void lists.push(await key.client.list());
      for (let n = 0; n < LOOKS; n++) await look();
      for (let n = 0; n < 3; n++) {
        const session = await key.logIn();
        await look();
        await session.listContainers();
        await session.sign(FIRST_CONTAINER, 'sign', bytes('message'));
        await look();
        await session.close();
        await key.client.get(refOf(key.key));
        await key.client.room(refOf(key.key));
        await key.client.adminPinState(refOf(key.key));
        await look();
      }
      expect(news).toEqual([]);
      const [first] = lists.map(withoutWhatOnlyLoginsSee);
      for (const list of lists) expect(withoutWhatOnlyLoginsSee(list)).toEqual(first);
    });

    it('ok: a certificate that is written is news', async () => {
      const written = listThat(key.client, ({ tokens }) => tokens[0]?.certificates.length === 4);
      const session = await key.logIn();
      await equipContainer(session, kind.algorithm, authorities, SECOND_CONTAINER);
      await session.close();
      await key.client.list();
      await written;
      expect(news.at(-1)?.tokens[0]?.certificates).toHaveLength(4);
    });

    if (kind.interface === 'skf') it('ok: another label is news', async () => {
      await key.client.renameLabel(refOf(key.key), OTHER_LABEL);
      expect(news.at(-1)?.tokens[0]?.label).toBe(OTHER_LABEL);
    });

    if (kind.pinTries !== null) it('ok: a wrong PIN and a locked one are news', async () => {
      expect((await errorOf(key.client.logIn(refOf(key.key), bytes('000000')))).code).toBe('PIN_INCORRECT');
      expect(news.at(-1)?.tokens[0]?.pin.status).toBe('low');
      await key.key.soft?.lock();
      await key.client.list();
      expect(news.at(-1)?.tokens[0]?.pin.status).toBe('locked');
    });

    it('ok: a key that is pulled and one that is pushed in are news', async () => {
      const gone = listThat(key.client, ({ tokens }) => tokens.length === 0);
      await key.key.remove();
      await gone;
      expect(news.at(-1)?.tokens).toEqual([]);
      const back = listThat(key.client, ({ tokens }) => tokens.length === 1);
      await key.key.insert();
      await back;
      expect(news.at(-1)?.tokens).toHaveLength(1);
    });
  });
}

const skf = kindNamed('soft UKey SKF, SM2');
describe.skipIf(skf.missing !== null)(`a slow SKF key${skf.missing ? ` (${skf.missing})` : ''}`, () => {
  it('ok: is in the list while it is being logged in to and while it is busy, and that is no news', async () => {
    const key = await equipKey(skf, authorities);
    await key.client.list();
    const news: TokenList[] = [];
    key.client.onChange((list) => news.push(list));
    const seen: number[] = [];
    async function lookDuring<T>(work: Promise<T>): Promise<T> {
      let ended = false;
      const done = work.finally(() => { ended = true; });
      do seen.push((await key.client.list()).tokens.length);
      while (!ended);
      return done;
    }
    await key.key.soft?.fault('SKF_VerifyPIN', 0, 'hang', 1);
    const session = await lookDuring(key.logIn());
    await key.key.soft?.clearFaults();
    await session.close();
    await key.client.list();
    expect(seen.length).toBeGreaterThan(2);
    expect(new Set(seen)).toEqual(new Set([1]));
    expect(news).toEqual([]);
    await key.dispose();
  });
});

/** Whether private keys are there is known during a login; room is no news. */
function withoutWhatOnlyLoginsSee({ tokens }: TokenList) {
  return tokens.map(({ freeBytes: _freeBytes, ...token }) => ({ ...token, certificates: token.certificates.map(({ hasPrivateKey: _hasPrivateKey, ...certificate }) => certificate) }));
}
