/** Opening sessions: several groups one after the other, damaged bids, interruptions, keys that go, shares from afar. */
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Opening } from '#shared/contract/desktop/openings.ts';
import { softUkeyMissing } from '../support/soft-ukey.ts';
import { createBidWorld, type BidWorld } from './support/bid-world.ts';
import { makeForeignBids } from './support/foreign-bids.ts';

const missing = softUkeyMissing();

describe.skipIf(missing !== null)(`openings${missing ? ` (${missing})` : ''}`, () => {
  let world: BidWorld;
  let sources: string;
  beforeAll(async () => {
    world = await createBidWorld();
    sources = world.path('sources');
    await makeForeignBids({ folder: join(sources, 'one'), count: 6, groups: { tenderer: [world.tenderer.encryptCertificateDer] }, opensAt: null });
    await makeForeignBids({ folder: join(sources, 'two'), count: 2, groups: { bidder: [world.bidder.encryptCertificateDer], tenderer: [world.tenderer.encryptCertificateDer] }, opensAt: null });
  });
  afterAll(() => world?.dispose());
  const call: BidWorld['engine']['call'] = (method, input) => world.engine.call(method, input);
  let made = 0;
  async function begin(from: 'one' | 'two'): Promise<{ opening: Opening; folder: string }> {
    const folder = world.path(`session-${++made}`);
    await cp(join(sources, from), folder, { recursive: true });
    return { opening: await call('openings.create', { name: `场次${made}`, folder, outFolder: `${folder}-opened` }), folder };
  }
  const use = async (opening: Opening, key: 'bidder' | 'tenderer', signTranscript?: boolean) => {
    await call('openings.useKey', { openingId: opening.id, ...world.with(world[key]), ...(signTranscript === undefined ? {} : { signTranscript }) });
    return world.openingEnded(opening.id);
  };
  const states = ({ bids }: Opening) => bids.map(({ state }) => state);

  it('refuses: a folder without bids, a key that opens nothing, a second run at the same time', async () => {
    await mkdir(world.path('nothing'));
    await expect(call('openings.create', { name: 'x', folder: world.path('nothing'), outFolder: world.path('y') })).rejects.toMatchObject({ code: 'OPENING_EMPTY' });
    const { opening } = await begin('one');
    await expect(call('openings.useKey', { openingId: opening.id, ...world.with(world.bidder) })).rejects.toMatchObject({ code: 'OPENING_KEY_USELESS' });
    await expect(call('openings.useKey', { openingId: opening.id, token: world.with(world.tenderer).token, pin: '000000' })).rejects.toMatchObject({ code: 'PIN_INCORRECT' });
    const [first, second] = await Promise.allSettled([1, 2].map(() => call('openings.useKey', { openingId: opening.id, ...world.with(world.tenderer) })));
    expect([first?.status, second?.status].sort()).toEqual(['fulfilled', 'rejected']);
    expect(states(await world.openingEnded(opening.id))).toEqual(Array(6).fill('opened'));
  });

  it('ok: stopped on the way, the program ended: what was opened stays, the rest goes on, one transcript', async () => {
    const { opening, folder } = await begin('one');
    const opened = new Promise<void>((resolve) => {
      const stop = world.engine.onEvent((event) => {
        if (event.name !== 'opening.changed' || event.data.id !== opening.id || event.data.opened === 0) return;
        stop();
        void call('openings.stop', { openingId: opening.id }).then(() => resolve());
      });
    });
    await call('openings.useKey', { openingId: opening.id, ...world.with(world.tenderer) });
    await Promise.race([opened, world.openingEnded(opening.id)]);
    const before = await world.openingEnded(opening.id);
    await writeFile(join(world.folder, 'data', 'bids', 'openings', opening.id, 'journal.jsonl'), '{"half', { flag: 'a' });
    await world.restart();
    const after = await call('openings.get', { openingId: opening.id });
    expect(after.bids.filter(({ state }) => state === 'opened').map(({ path, openedAtUtc }) => [path, openedAtUtc])).toEqual(before.bids.filter(({ state }) => state === 'opened').map(({ path, openedAtUtc }) => [path, openedAtUtc]));
    const finished = after.state === 'finished' ? after : await use(after, 'tenderer');
    expect(finished.state).toBe('finished');
    expect(states(finished)).toEqual(Array(6).fill('opened'));
    expect((await readdir(`${folder}-opened`)).filter((name) => name.startsWith('投标单位'))).toHaveLength(6);
    const transcript = JSON.parse(await readFile(finished.transcript?.jsonPath ?? '', 'utf8')) as { bids: unknown[]; keys: unknown[] };
    expect(transcript.bids).toHaveLength(6);
    await expect(call('openings.useKey', { openingId: opening.id, ...world.with(world.tenderer) })).rejects.toMatchObject({ code: 'OPENING_FINISHED' });
  });

  it('ok: a damaged bid and a cut one are refused by name, the others open; the person ends the session', async () => {
    const { opening, folder } = await begin('one');
    const bytes = await readFile(join(folder, '投标单位02.bid'));
    bytes[bytes.length - 3_500] = (bytes[bytes.length - 3_500] ?? 0) ^ 1;
    await writeFile(join(folder, '投标单位02.bid'), bytes);
    await writeFile(join(folder, '投标单位03.bid'), (await readFile(join(folder, '投标单位03.bid'))).subarray(0, 900));
    const scanned = await call('openings.rescan', { openingId: opening.id });
    expect(scanned.bids.find(({ name }) => name === '投标单位03.bid')).toMatchObject({ state: 'refused', error: { code: expect.stringMatching(/^SEAL_/) as string } });
    const run = await use(opening, 'tenderer');
    expect(run).toMatchObject({ state: 'open', opened: 4, refused: 2, error: null, transcript: null });
    expect(run.bids.find(({ name }) => name === '投标单位02.bid')?.error?.code).toMatch(/^SEAL_/);
    expect(await readdir(`${folder}-opened`)).toHaveLength(4);
    await cp(join(sources, 'one', '投标单位03.bid'), join(folder, '投标单位03.bid'));
    await call('openings.rescan', { openingId: opening.id });
    expect((await use(opening, 'tenderer')).opened).toBe(5);
    const finished = await call('openings.finish', { openingId: opening.id, ...world.with(world.tenderer) });
    const transcript = JSON.parse(await readFile(finished.transcript?.jsonPath ?? '', 'utf8')) as { bids: { file: string; result: string; error: string | null }[] };
    expect(transcript.bids.find(({ file }) => file === '投标单位02.bid')).toMatchObject({ result: expect.stringMatching(/refused|waiting/) as string });
  });

  it('ok: a key that is pulled out settles nothing; put back, it goes on', async () => {
    const { opening } = await begin('two');
    await use(opening, 'bidder');
    const soft = world.key.soft;
    if (!soft) throw new Error('a software UKey is needed');
    await soft.ukeyctl('fault', world.tenderer.serial, 'add', 'C_Decrypt', '1', 'unplug');
    const stopped = await use(opening, 'tenderer');
    expect(stopped.error?.code).toMatch(/^(TOKEN_|DRIVER_)/);
    expect(stopped).toMatchObject({ state: 'open', opened: 0, refused: 0 });
    expect(states(stopped)).toEqual(['share', 'share']);
    await soft.ukeyctl('fault', world.tenderer.serial, 'clear');
    await soft.ukeyctl('insert', world.tenderer.serial);
    for (let tries = 0; tries < 100 && !(await call('tokens.rescan', undefined)).tokens.some(({ ref }) => ref.serial === world.tenderer.serial); tries++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await use(opening, 'tenderer')).toMatchObject({ state: 'finished', opened: 2 });
  });

  it('ok: a driver that answers one envelope with a code of its maker: five open, that one waits and says why after a restart too; the next PIN opens it', async () => {
    const { opening } = await begin('one');
    await world.key.soft?.ukeyctl('fault', world.tenderer.serial, 'add', 'C_DecryptInit', '1', 'return', '0x80000312');
    const run = await use(opening, 'tenderer');
    await world.key.soft?.ukeyctl('fault', world.tenderer.serial, 'clear');
    expect(run).toMatchObject({ state: 'open', opened: 5, refused: 0, error: null });
    const stopped = run.bids.filter(({ state }) => state === 'waiting').map(({ path, error }) => [path, error?.code]);
    expect(stopped).toEqual([[expect.any(String), 'DRIVER_FUNCTION_FAILED']]);
    await world.restart();
    expect((await call('openings.get', { openingId: opening.id })).bids.filter(({ state }) => state === 'waiting').map(({ path, error }) => [path, error?.code])).toEqual(stopped);
    expect(await use(opening, 'tenderer')).toMatchObject({ state: 'finished', opened: 6 });
  });

  it('ok: a driver that dies in the middle of a run refuses nothing; the next PIN goes on', async () => {
    const { opening } = await begin('one');
    await world.key.soft?.ukeyctl('fault', world.tenderer.serial, 'add', 'C_Decrypt', '3', 'crash');
    const run = await use(opening, 'tenderer');
    await world.key.soft?.ukeyctl('fault', world.tenderer.serial, 'clear');
    expect(run).toMatchObject({ state: 'open', refused: 0, error: { code: expect.stringMatching(/^(DRIVER_CRASHED|TOKEN_)/) as string } });
    expect(states(run).every((state) => state === 'waiting' || state === 'opened')).toBe(true);
    expect(await use(opening, 'tenderer')).toMatchObject({ state: 'finished', opened: 6 });
  });

  it('ok: the bidder answers from afar, with kilobytes', async () => {
    const { opening, folder } = await begin('two');
    const mail = world.path('mail');
    await call('openings.makeChallenges', { openingId: opening.id, ...world.with(world.tenderer), minutes: 10, outFolder: mail });
    const challenges = (await readdir(mail)).sort();
    expect(challenges).toEqual(['投标单位01.challenge', '投标单位02.challenge']);
    const input = { bidPath: join(folder, '投标单位01.bid'), challengePath: join(mail, '投标单位01.challenge') };
    expect(await call('shares.inspect', input)).toMatchObject({ signer: { subjectCommonName: world.tenderer.holder }, group: 'bidder', openingTimeReached: true });
    await expect(call('shares.inspect', { ...input, challengePath: join(mail, '投标单位02.challenge') })).rejects.toMatchObject({ code: 'SEAL_CHALLENGE_INVALID' });
    const answer = await call('shares.answer', { ...input, outPath: join(mail, '投标单位01.answer'), ...world.with(world.bidder), typedReceiver: world.tenderer.holder });
    expect(answer.sizeBytes).toBeLessThan(8_192);
    await call('shares.answer', { bidPath: join(folder, '投标单位02.bid'), challengePath: join(mail, '投标单位02.challenge'), outPath: join(mail, '投标单位02.answer'), ...world.with(world.bidder), typedReceiver: world.tenderer.holder });
    expect((await call('openings.addAnswers', { openingId: opening.id, path: mail })).answers).toBe(2);
    const finished = await use(opening, 'tenderer');
    expect(finished).toMatchObject({ state: 'finished', opened: 2, answers: 0 });
    expect(finished.bids.map(({ groups }) => groups.map(({ answered }) => answered?.via))).toEqual([['remote', 'key'], ['remote', 'key']]);
    await expect(call('openings.addAnswers', { openingId: opening.id, path: join(folder, '投标单位01.bid') })).rejects.toMatchObject({ code: 'OPENING_FINISHED' });
  });

  it('ok: another file in the place of an opened one: both stand in the session and in the transcript, each as itself', async () => {
    const { opening, folder } = await begin('two');
    await use(opening, 'bidder');
    const first = await use(opening, 'tenderer', false);
    expect(first).toMatchObject({ state: 'open', opened: 2, total: 2 });
    await cp(join(sources, 'one', '投标单位03.bid'), join(folder, '投标单位01.bid'));
    const scanned = await call('openings.rescan', { openingId: opening.id });
    expect(scanned).toMatchObject({ opened: 2, total: 3 });
    await world.restart();
    expect(await call('openings.get', { openingId: opening.id })).toMatchObject({ opened: 2, total: 3 });
    const finished = await use(opening, 'tenderer');
    expect(finished).toMatchObject({ state: 'finished', opened: 3, total: 3 });
    const transcript = JSON.parse(await readFile(finished.transcript?.jsonPath ?? '', 'utf8')) as { bids: { file: string; sealId: string; headerDigest: string }[] };
    const twice = transcript.bids.filter(({ file }) => file === '投标单位01.bid');
    expect(new Set(twice.map(({ sealId }) => sealId)).size).toBe(2);
    expect(new Set(twice.map(({ headerDigest }) => headerDigest)).size).toBe(2);
  });

  it('ok: a key tells what it is in the session before its PIN is asked; the transcript is proposed to the tenderer’s', async () => {
    const { opening } = await begin('two');
    const inspect = (key: 'bidder' | 'tenderer') => call('openings.inspectKey', { openingId: opening.id, token: world.with(world[key]).token });
    expect(await inspect('bidder')).toEqual({ groups: ['bidder'], waiting: 2, proposedForTranscript: false });
    expect(await inspect('tenderer')).toEqual({ groups: ['tenderer'], waiting: 2, proposedForTranscript: true });
  });

  it('ok: the last key is a bidder’s: all are open and nothing is signed; the tenderer’s key signs when a person says so', async () => {
    const { opening } = await begin('two');
    await use(opening, 'tenderer');
    const opened = await use(opening, 'bidder');
    expect(opened).toMatchObject({ state: 'open', opened: 2, transcript: null });
    const finished = await call('openings.finish', { openingId: opening.id, ...world.with(world.tenderer) });
    expect(finished.transcript?.signer.subjectCommonName).toBe(world.tenderer.holder);
  });

  it('ok: a bidder’s key signs when a person names it', async () => {
    const { opening } = await begin('two');
    await use(opening, 'tenderer');
    const finished = await use(opening, 'bidder', true);
    expect(finished.transcript?.signer.subjectCommonName).toBe(world.bidder.holder);
  });

  it('ok: bids of one name in the folders of several bidders: each has a challenge of its own', async () => {
    const folder = world.path('same-names');
    for (const number of ['01', '02']) {
      await mkdir(join(folder, number), { recursive: true });
      await cp(join(sources, 'two', `投标单位${number}.bid`), join(folder, number, '投标文件.bid'));
    }
    const opening = await call('openings.create', { name: '同名', folder, outFolder: `${folder}-opened` });
    const mail = world.path('same-names-mail');
    await call('openings.makeChallenges', { openingId: opening.id, ...world.with(world.tenderer), minutes: 10, outFolder: mail });
    const challenges = (await readdir(mail)).sort();
    expect(challenges).toEqual(['投标文件.challenge', expect.stringMatching(/^投标文件_[0-9a-f]{8}\.challenge$/)]);
    for (const [number, name] of [['01', challenges[0]], ['02', challenges[1]]] as const) expect((await call('shares.inspect', { bidPath: join(folder, number, '投标文件.bid'), challengePath: join(mail, name ?? '') })).group).toBe('bidder');
  });

  it('refuses: an answer to a challenge that was made anew since', async () => {
    const { opening, folder } = await begin('two');
    const mail = world.path('mail-2');
    const make = () => call('openings.makeChallenges', { openingId: opening.id, ...world.with(world.tenderer), minutes: 10, outFolder: mail });
    await make();
    await call('shares.answer', { bidPath: join(folder, '投标单位01.bid'), challengePath: join(mail, '投标单位01.challenge'), outPath: join(mail, '投标单位01.answer'), ...world.with(world.bidder), typedReceiver: world.tenderer.holder });
    await make();
    await call('openings.addAnswers', { openingId: opening.id, path: join(mail, '投标单位01.answer') });
    const run = await use(opening, 'tenderer');
    expect(run).toMatchObject({ opened: 0, refused: 0, answers: 0, error: { code: 'SEAL_ANSWER_INVALID' } });
    await expect(call('openings.addAnswers', { openingId: opening.id, path: await world.file('no.answer', 'no') })).rejects.toMatchObject({ code: 'SEAL_ANSWER_INVALID' });
  });
});
