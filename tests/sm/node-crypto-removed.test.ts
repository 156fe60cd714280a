/** The profile without national algorithms does what it says, and puts everything back. */
import * as nodeCrypto from 'node:crypto';
import { createCipheriv, createHash, getCiphers, getCurves, getHashes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { removeNationalAlgorithms } from './without-national-algorithms.ts';

const national = () => [...getHashes(), ...getCiphers(), ...getCurves()].filter((name) => /sm[234]/i.test(name));
const deeds = {
  hash: () => createHash('sm3').update('abc').digest('hex'),
  hashByObject: () => nodeCrypto.createHash('RSA-SM3'),
  cipher: () => createCipheriv('sm4-cbc', Buffer.alloc(16), Buffer.alloc(16)),
  keyPair: () => nodeCrypto.generateKeyPairSync('ec', { namedCurve: 'SM2' }),
  hmac: () => nodeCrypto.createHmac('sm3', 'key'),
};

describe.skipIf(process.env.BIDKEY_TEST_WITHOUT_SM !== undefined)('removal (skipped in the profile, which has it already)', () => {
  it('ok: nothing national is listed or runs, other algorithms do, and afterwards all is as before', () => {
    const before = national();
    expect(before.length).toBeGreaterThan(5);
    const restore = removeNationalAlgorithms();
    expect(national()).toEqual([]);
    for (const deed of Object.values(deeds)) expect(deed).toThrow('national algorithms are not there');
    expect(createHash('sha256').update('abc').digest('hex')).toMatch(/^ba7816bf/);
    restore();
    expect(national()).toEqual(before);
    expect(deeds.hash()).toMatch(/^66c7f0f4/);
  });
});
