/** The host process is killed at changing moments while keys are made and imported: the same call again completes the work, and exactly one pair of each is on the key. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSoftHsm2Token, type SoftHsm2Token } from '../support/softhsm2.ts';
import type { TokenHostClient } from '../../src-main/token/create-token-host-client.ts';
import { bytes, makeEnvelope, oaepEncrypt, run, softHsm2Driver, startClient } from './token-fixtures.ts';

let key: SoftHsm2Token;
let client: TokenHostClient;

beforeAll(async () => {
  key = await createSoftHsm2Token();
  client = await startClient([softHsm2Driver(key)]);
});
afterAll(async () => {
  await client?.close();
  await key?.dispose();
});

const logIn = () => client.logIn({ driverId: 'softhsm2', serial: key.serial }, bytes(key.pin));
const pkcs11Tool = async (...args: string[]) => (await run('pkcs11-tool', ['--module', key.modulePath, '--token-label', key.label, '--login', '--pin', 'env:BIDKEY_PIN', ...args], { env: { ...process.env, ...key.env, BIDKEY_PIN: key.pin } })).stdout;
/** Kinds of the objects with that id, as another program counts them. */
const objectsWith = async (id: string) => (await pkcs11Tool('-O')).split(/\n(?=\S)/).filter((text) => new RegExp(`ID:\\s+${id}\\b`).test(text)).map((text) => text.split(';')[0]).sort();

async function killAfter(milliseconds: number, work: Promise<unknown>): Promise<'done' | 'cut off'> {
  const outcome = work.then(() => 'done' as const, () => 'cut off' as const);
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  const pid = client.hostPids()['softhsm2'];
  if (pid === undefined) throw new Error('no host to kill');
  process.kill(pid, 'SIGKILL');
  await outcome;
  // Work that was done before leaves nobody waiting; the next call must not go to the process that is just dying.
  while (client.hostPids()['softhsm2'] === pid) await new Promise((resolve) => setTimeout(resolve, 5));
  return outcome;
}

describe('SIGKILL of the host while writing', () => {
  const outcomes: string[] = [];
  for (const [index, milliseconds] of [0, 1, 2, 4, 8, 12, 20, 40].entries()) {
    it(`ok: completes after a kill ${milliseconds} ms into making and importing`, async () => {
      const container = index.toString(16).padStart(32, 'a');
      const first = await logIn();
      outcomes.push(await killAfter(milliseconds * 10, first.generateSigningKeyPair(container, 'rsa-2048')));
      const second = await logIn();
      const { publicKeySpkiDer } = await second.generateSigningKeyPair(container, 'rsa-2048');
      const made = makeEnvelope(publicKeySpkiDer);
      outcomes.push(await killAfter(milliseconds, second.importEncryptionKey(container, made.envelope, made.publicKeySpkiDer)));
      const third = await logIn();
      expect(Buffer.from((await third.generateSigningKeyPair(container, 'rsa-2048')).publicKeySpkiDer)).toEqual(Buffer.from(publicKeySpkiDer));
      await third.importEncryptionKey(container, made.envelope, made.publicKeySpkiDer);
      expect(await third.decrypt(container, 'encrypt', oaepEncrypt(made.publicKeySpkiDer, bytes('still mine')))).toEqual(Buffer.from('still mine'));
      await third.close();
      for (const role of ['01', '02']) expect(await objectsWith(container + role)).toEqual(['Private Key Object', 'Public Key Object']);
    });
  }
  it('ok: some of the kills did cut the work off', () => expect(outcomes).toContain('cut off'));

  it('ok: half-made encryption pairs are made whole', async () => {
    const container = 'b'.repeat(32);
    const session = await logIn();
    const { publicKeySpkiDer } = await session.generateSigningKeyPair(container, 'rsa-2048');
    const made = makeEnvelope(publicKeySpkiDer);
    await session.importEncryptionKey(container, made.envelope, made.publicKeySpkiDer);
    for (const half of ['pubkey', 'privkey']) {
      await pkcs11Tool('--delete-object', '--type', half, '--id', `${container}02`);
      expect(await objectsWith(`${container}02`)).toHaveLength(1);
      await session.importEncryptionKey(container, made.envelope, made.publicKeySpkiDer);
      expect(await objectsWith(`${container}02`)).toEqual(['Private Key Object', 'Public Key Object']);
    }
    const other = makeEnvelope(publicKeySpkiDer);
    await session.importEncryptionKey(container, other.envelope, other.publicKeySpkiDer);
    expect(await objectsWith(`${container}02`)).toEqual(['Private Key Object', 'Public Key Object']);
    expect(await session.decrypt(container, 'encrypt', oaepEncrypt(other.publicKeySpkiDer, bytes('the newer')))).toEqual(Buffer.from('the newer'));
    await session.close();
  });
});
