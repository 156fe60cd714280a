/** The standard, unversioned addresses of a PKI (RFC 5280 §4.2.1.13, §4.2.2.1; media types of RFC 2585 and RFC 8555): CA certificates, chain, CRLs. They stand in the certificates, so they never change. */
import { createHash } from 'node:crypto';
import { refuse } from '#shared/errors/app-error.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { caCertificateByFile, chainPem, crlByFile } from '../certificates/published.ts';
import type { CaPorts } from '../ports.ts';

const CA_CERTIFICATE_MAX_AGE_SECONDS = 86_400;
/** Short, because a revocation counts at once. */
const CRL_MAX_AGE_SECONDS = 60;

export function servePkiAddresses(app: FastifyInstance, ports: CaPorts): void {
  app.get<{ Params: { file: string } }>('/ca/:file', async (request, reply) => {
    if (request.params.file === 'chain.pem') return sendCached(request, reply, 'application/pem-certificate-chain', Buffer.from(chainPem(ports.authorities), 'ascii'), CA_CERTIFICATE_MAX_AGE_SECONDS);
    const certificate = caCertificateByFile(ports.authorities, request.params.file) ?? refuse('NOT_FOUND', { what: 'CA certificate' });
    return sendCached(request, reply, 'application/pkix-cert', certificate, CA_CERTIFICATE_MAX_AGE_SECONDS);
  });
  app.get<{ Params: { file: string } }>('/crl/:file', async (request, reply) => {
    const crl = (await crlByFile(ports, request.params.file)) ?? refuse('NOT_FOUND', { what: 'CRL' });
    return sendCached(request, reply, 'application/pkix-crl', crl, CRL_MAX_AGE_SECONDS);
  });
}

function sendCached(request: FastifyRequest, reply: FastifyReply, mediaType: string, body: Buffer, maxAgeSeconds: number): FastifyReply {
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
  // Anyone may fetch these from anywhere: they are public and say nothing about the caller.
  reply.header('etag', etag).header('cache-control', `public, max-age=${maxAgeSeconds}`).header('cross-origin-resource-policy', 'cross-origin');
  const known = (request.headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return known.includes(etag) ? reply.code(304).send() : reply.type(mediaType).send(body);
}
