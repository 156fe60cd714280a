/** Loads the addon in a worker thread, answers one digest, then keeps the pool busy until it is terminated. */
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

const addon = createRequire(import.meta.url)(workerData.addonPath);
parentPort.postMessage(Buffer.from(addon.sm3Sync(new Uint8Array([0x61, 0x62, 0x63]))).toString('hex'));
const large = new Uint8Array(4 << 20);
const stream = addon.createSm3();
await Promise.all([addon.sm3Update(stream, large), ...Array.from({ length: 60 }, () => addon.sm4GcmEncrypt(new Uint8Array(16), new Uint8Array(12), large, large)), addon.sm3Many(Array.from({ length: 64 }, () => large))]);
