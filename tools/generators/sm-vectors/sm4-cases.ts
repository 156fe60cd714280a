/** SM4 in GCM and CBC: right ones over all lengths around block and lane borders, and each way to be wrong. */
import { concatBytes } from '#shared/bytes/byte-strings.ts';
import { sm4CbcEncrypt, sm4EcbEncrypt, sm4GcmEncrypt } from '#shared/sm/sm4-modes.ts';
import { countedBytes, flipped, vectorCase, type VectorCase, type VectorFile } from './vector-file.ts';

const random = countedBytes('sm4-modes');
/** Around one block, eight and sixteen blocks (vector lanes), 64 blocks (one batch), 8 KiB (one piece). */
const LENGTHS = [0, 1, 15, 16, 17, 31, 32, 127, 128, 129, 255, 256, 257, 1023, 1024, 1040, 8191, 8192, 8209] as const;

export function sm4Cases(): VectorFile {
  return { about: 'SM4-GCM (key, nonce, aad, plain, sealed = ciphertext‖tag) and SM4-CBC with PKCS#7 padding (key, iv, plain, ciphertext). expect: OK or the refusal.', cases: [...gcmCases(), ...cbcCases()] };
}

function gcmCases(): VectorCase[] {
  const right = LENGTHS.map((length) => {
    const [key, nonce, aad, plain] = [random(16), random(12), random(length % 37), random(length)];
    return vectorCase(`gcm-ok-${length}`, 'OK', { mode: 'gcm', key, nonce, aad, plain, sealed: sm4GcmEncrypt(key, nonce, aad, plain) });
  });
  const [key, nonce, aad, plain] = [random(16), random(12), random(20), random(40)];
  const sealed = sm4GcmEncrypt(key, nonce, aad, plain);
  const base = { mode: 'gcm', key, nonce, aad, plain, sealed };
  const wrong = { 'tag-changed': { sealed: flipped(sealed, -1) }, 'tag-first-octet-changed': { sealed: flipped(sealed, -16) }, 'text-changed': { sealed: flipped(sealed, 0) }, 'aad-changed': { aad: flipped(aad, 0) }, 'aad-shortened': { aad: aad.subarray(0, -1) }, 'nonce-changed': { nonce: flipped(nonce, 0) }, 'other-key': { key: flipped(key, 0) }, 'tag-truncated': { sealed: sealed.subarray(0, -1) }, 'tag-only-15-octets': { sealed: sealed.subarray(0, 15) }, 'trailing-octet': { sealed: concatBytes(sealed, Uint8Array.of(0)) }, empty: { sealed: new Uint8Array(0) } };
  return [...right, ...Object.entries(wrong).map(([id, change]) => vectorCase(`gcm-${id}`, 'DECRYPT_FAILED', { ...base, ...change }))];
}

function cbcCases(): VectorCase[] {
  const right = LENGTHS.map((length) => {
    const [key, iv, plain] = [random(16), random(16), random(length)];
    return vectorCase(`cbc-ok-${length}`, 'OK', { mode: 'cbc', key, iv, plain, ciphertext: sm4CbcEncrypt(key, iv, plain) });
  });
  const [key, iv, plain] = [random(16), random(16), random(40)];
  const ciphertext = sm4CbcEncrypt(key, iv, plain);
  /** One block whose padding is as given: CBC with this iv is ECB of the xor. */
  const padded = (last: readonly number[]) => {
    const block = Uint8Array.from(random(16 - last.length));
    return sm4EcbEncrypt(key, concatBytes(block, Uint8Array.from(last)).map((byte, i) => byte ^ (iv[i] ?? 0)));
  };
  const wrong = { 'padding-zero': padded([0]), 'padding-17': padded([17]), 'padding-255': padded([255]), 'padding-inconsistent': padded([3, 2, 3]), 'padding-first-octet-wrong': padded([0, ...Array.from({ length: 15 }, () => 16)]), 'not-whole-blocks': ciphertext.subarray(0, -1), empty: new Uint8Array(0) };
  return [...right, ...Object.entries(wrong).map(([id, bytes]) => vectorCase(`cbc-${id}`, 'DECRYPT_FAILED', { mode: 'cbc', key, iv, plain, ciphertext: bytes }))];
}
