/** GET /v1/certificates */
import { searchCertificates } from '../certificates/read-certificates.ts';
import { pageAsked, route } from '../http/route.ts';

export const searchCertificatesRoute = route('searchCertificates', ({ ports, caller, query }) =>
  searchCertificates(ports, caller, { ...pageAsked(query), serialHex: query.serialHex, subject: query.subject, tokenSerial: query.tokenSerial, state: query.state }),
);
