/** A list says when the next one comes: after this one, within a year and a day, while the issuer is valid; in the right form of time. */
import type { DerTime } from '#shared/asn1/der-values.ts';
import type { CrlRule } from '../crl-context.ts';

const LONGEST_MS = 367 * 24 * 3600 * 1000;
const wrongForm = (time: DerTime): boolean => (time.form === 'utc') !== (time.date.getUTCFullYear() < 2050);

export const crlTimes: CrlRule = {
  id: 'crl-times',
  clause: 'RFC 5280 §5.1.2.4, §5.1.2.5; CA/B BR §4.9.7 (twelve months at most)',
  effectiveDate: '2008-05-01',
  applies: () => true,
  check: ({ crl: { thisUpdate, nextUpdate }, issuer }) => {
    if (!nextUpdate) return 'next update is absent';
    if (wrongForm(thisUpdate) || wrongForm(nextUpdate)) return 'GeneralizedTime before 2050';
    if (nextUpdate.date <= thisUpdate.date) return 'next update is not after this one';
    if (nextUpdate.date.getTime() - thisUpdate.date.getTime() > LONGEST_MS) return 'next update is more than a year away';
    return thisUpdate.date >= issuer.notBefore.date && thisUpdate.date <= issuer.notAfter.date ? null : 'issuer is not valid at that time';
  },
};
