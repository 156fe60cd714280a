/** Every vector gives the answer that stands beside it; every good one, damaged at random, gives an answer or an AppError and nothing else. */
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromBase64 } from '../../../src-shared/bytes/base64.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { parseCertificate } from '../../../src-shared/x509/certificate.ts';
import { parseCertificateRevocationList } from '../../../src-shared/x509/certificate-revocation-list.ts';
import { parseCertificationRequest } from '../../../src-shared/x509/certification-request.ts';
import { parsePublicKeyInfo } from '../../../src-shared/x509/public-key-info.ts';

interface Vector { readonly name: string; readonly kind: keyof typeof PARSERS; readonly der: string; readonly expect: string; readonly reason?: string }

const PARSERS = { certificate: parseCertificate, request: parseCertificationRequest, crl: parseCertificateRevocationList, 'public-key': parsePublicKeyInfo } as const;
const vectors = JSON.parse(readFileSync(new URL('./x509-vectors.json', import.meta.url), 'utf8')) as Vector[];
const good = vectors.filter((vector) => vector.expect === 'ok');
const bad = vectors.filter((vector) => vector.expect !== 'ok');

describe('X.509 vectors', () => {
  it.each(good)('ok: $kind: $name', ({ kind, der }) => expect(() => PARSERS[kind](fromBase64(der))).not.toThrow());
  it.each(bad)('refuses: $kind: $name', ({ kind, der, expect: code, reason }) => {
    expect(() => PARSERS[kind](fromBase64(der))).toThrow(expect.objectContaining({ code, ...(reason ? { details: expect.objectContaining({ reason }) } : {}) }));
  });
  it.each(good)('ok: damaged $kind ($name) gets an answer or an AppError', ({ kind, der }) => {
    const octets = fromBase64(der);
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(octets.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }), fc.nat(octets.length), (changes, cut) => {
      const damaged = octets.slice();
      for (const [at, value] of changes) damaged[at] = value;
      for (const bytes of [damaged, damaged.subarray(0, cut)]) {
        try {
          PARSERS[kind](bytes);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(AppError);
        }
      }
    }), { numRuns: 1500 });
  });
});
