/** POST /v1/certificate-sessions */
import { createCertificateSession } from '../bindings/log-in-by-certificate.ts';
import { route } from '../http/route.ts';

export const createCertificateSessionRoute = route('createCertificateSession', ({ ports, body }) => createCertificateSession(ports, body));
