/** Serial numbers: positive, at most 20 octets, long enough for 64 random bits. */
import { always, type CertificateRule } from '../certificate-context.ts';

const MIN_OCTETS = 8;

export const serialNumber: CertificateRule = {
  id: 'serial-number',
  clause: 'RFC 5280 §4.1.2.2; CA/B BR §7.1 (64 bits from a CSPRNG)',
  effectiveDate: '2016-09-30',
  applies: always,
  check: ({ certificate: { serialOctets } }) => (serialOctets.length < MIN_OCTETS ? 'too short for 64 random bits' : serialOctets.length > 20 ? 'longer than 20 octets' : (serialOctets[0] ?? 0) >= 0x80 ? 'negative' : null),
};
