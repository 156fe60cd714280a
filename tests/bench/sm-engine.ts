/**
 * The national-crypto engine beside `openssl speed` on the same machine in the same run, one call at a time (one core). Peer and ours take
 * turns and each keeps its best turn, so that what else the machine does falls out of both.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import { generateSm2KeyPair } from '#shared/sm/sm2-key.ts';
import type { SmEngine } from '#shared/sm/sm-engine.ts';
import { openSmEngine } from '../../src-main/sm-engine/open-engine.ts';
import { benchRow, type Bench, type BenchRow } from './bench-row.ts';

const TURNS = 3;
const TURN_MILLISECONDS = 1000;
const CHUNK_BYTES = 1 << 20;

const random = (length: number) => new Uint8Array(randomBytes(length));

/** Processor time of all our threads; `openssl speed` counts processor time too, so a busy machine is fair to both. */
function processorMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Calls in a second of the clock, over one turn. */
async function callsPerSecond(call: () => Promise<unknown>, clock: () => number = processorMilliseconds): Promise<number> {
  const begin = clock();
  let calls = 0;
  while (clock() - begin < TURN_MILLISECONDS) {
    await call();
    calls++;
  }
  return (1000 * calls) / (clock() - begin);
}

/** The last line of `openssl speed` as numbers; sizes are in thousands of octets a second. */
function openSslSpeed(...parameters: readonly string[]): number[] {
  const done = spawnSync('openssl', ['speed', '-seconds', '1', ...parameters], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`openssl speed ${parameters.join(' ')}: ${done.stderr}`);
  const last = done.stdout.trim().split('\n').at(-1) ?? '';
  return [...last.matchAll(/\s([\d.]+)(?=k?(?:\s|$))/g)].map((match) => Number(match[1]));
}

const peerMegabytes = (algorithm: string) => (openSslSpeed('-bytes', '65536', '-evp', algorithm)[0] ?? Number.NaN) / 1000;

interface Race {
  readonly name: string;
  readonly unit: string;
  readonly ours: () => Promise<number>;
  readonly peer: { readonly name: string; readonly measure: () => number; readonly wanted?: string } | null;
}

async function run(race: Race): Promise<BenchRow> {
  let [ours, peer] = [0, 0];
  for (let turn = 0; turn < TURNS; turn++) {
    if (race.peer) peer = Math.max(peer, race.peer.measure());
    ours = Math.max(ours, await race.ours());
  }
  return benchRow(race.name, race.unit, ours, race.peer ? { name: race.peer.name, value: peer, ...(race.peer.wanted ? { wanted: race.peer.wanted } : {}) } : undefined);
}

function nativeRaces(engine: SmEngine): Race[] {
  const { key, nonce, aad, chunk, room, sealed, pair, digest } = material();
  const megabytes = (call: () => Promise<unknown>) => async () => ((await callsPerSecond(call)) * CHUNK_BYTES) / 1e6;
  const ctr = { name: 'openssl speed -evp sm4-ctr', measure: () => peerMegabytes('sm4-ctr') };
  const sm3Peer = { name: 'openssl speed -evp sm3', measure: () => peerMegabytes('sm3') };
  // Columns of its last line: bits, seconds for signing and verifying, then both a second.
  const sm2Peer = (column: number) => ({ name: 'openssl speed sm2', measure: () => openSslSpeed('sm2').at(column) ?? Number.NaN, wanted: '≥ 0.8' });
  const messages = Array.from({ length: 16 }, (_, i) => chunk.subarray((i * CHUNK_BYTES) / 16, ((i + 1) * CHUNK_BYTES) / 16));
  const digests = Array.from({ length: 64 }, () => random(32));
  const source = { randomBytes: random };
  let signature: Promise<Uint8Array> = engine.sm2SignDigest(pair.privateKey, digest, source);
  const ciphertext = engine.sm2Encrypt(pair.publicKey, key, source);
  return [
    { name: 'SM4-GCM sealing, 1 MiB', unit: 'MB/s', ours: megabytes(() => engine.sm4GcmEncrypt(key, nonce, aad, chunk, room)), peer: { ...ctr, wanted: '≥ 4' } },
    { name: 'SM4-GCM opening, 1 MiB', unit: 'MB/s', ours: megabytes(async () => engine.sm4GcmDecrypt(key, nonce, aad, await sealed(engine), room.subarray(0, CHUNK_BYTES))), peer: { ...ctr, wanted: '≥ 4' } },
    { name: 'SM4-CTR, 1 MiB', unit: 'MB/s', ours: megabytes(() => engine.sm4Ctr(key, key, chunk, room.subarray(0, CHUNK_BYTES))), peer: ctr },
    { name: 'SM3, one stream, 1 MiB', unit: 'MB/s', ours: megabytes(() => engine.sm3(chunk)), peer: { ...sm3Peer, wanted: '≥ 1' } },
    { name: 'SM3, 16 messages of 64 KiB side by side', unit: 'MB/s', ours: megabytes(() => engine.sm3Many(messages)), peer: sm3Peer },
    { name: 'SM2 signing', unit: '/s', ours: () => callsPerSecond(() => (signature = engine.sm2SignDigest(pair.privateKey, digest, source))), peer: sm2Peer(-2) },
    { name: 'SM2 verification', unit: '/s', ours: () => callsPerSecond(async () => engine.sm2VerifyDigest(pair.publicKey, digest, await signature)), peer: sm2Peer(-1) },
    { name: 'SM2 signing, 64 at a time on all cores', unit: '/s', ours: async () => 64 * (await callsPerSecond(() => Promise.all(digests.map((one) => engine.sm2SignDigest(pair.privateKey, one, source))), () => performance.now())), peer: null },
    { name: 'SM2 decryption of a session key', unit: '/s', ours: () => callsPerSecond(async () => engine.sm2Decrypt(pair.privateKey, await ciphertext)), peer: null },
  ];
}

function portableRaces(engine: SmEngine): Race[] {
  const { key, nonce, aad, chunk, pair, digest } = material();
  const megabytes = (call: () => Promise<unknown>) => async () => ((await callsPerSecond(call)) * CHUNK_BYTES) / 1e6;
  return [
    { name: 'SM4-GCM sealing, portable engine', unit: 'MB/s', ours: megabytes(() => engine.sm4GcmEncrypt(key, nonce, aad, chunk)), peer: null },
    { name: 'SM3, portable engine', unit: 'MB/s', ours: megabytes(() => engine.sm3(chunk)), peer: null },
    { name: 'SM2 signing, portable engine', unit: '/s', ours: () => callsPerSecond(() => engine.sm2SignDigest(pair.privateKey, digest, { randomBytes: random })), peer: null },
  ];
}

function material() {
  const [key, nonce, aad, chunk] = [random(16), random(12), random(16), random(CHUNK_BYTES)];
  let sealedOnce: Promise<Uint8Array> | null = null;
  const sealed = (engine: SmEngine) => (sealedOnce ??= engine.sm4GcmEncrypt(key, nonce, aad, chunk));
  return { key, nonce, aad, chunk, room: new Uint8Array(CHUNK_BYTES + 16), sealed, pair: generateSm2KeyPair(random), digest: random(32) };
}

export const smEngine: Bench = {
  name: 'sm-engine',
  async run() {
    const { engine, notice } = openSmEngine();
    if (notice) throw new Error(`the native engine is not in use: ${JSON.stringify(notice.details)}`);
    const rows: BenchRow[] = [];
    for (const race of [...nativeRaces(engine), ...portableRaces(portableEngine)]) rows.push(await run(race));
    return rows;
  },
};
