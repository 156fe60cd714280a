/** Addresses outside the versioned contract, as OpenAPI rows: the standard addresses of a PKI, health, and the description itself. */
const binary = (mediaType: string, description: string) => ({ 200: { description, content: { [mediaType]: {} } }, 304: { description: 'not changed since the ETag given' }, 404: PROBLEM });
const json = (description: string, properties: Record<string, unknown>) => ({ description, content: { 'application/json': { schema: { type: 'object', properties, required: Object.keys(properties) } } } });
const PROBLEM = { description: 'NOT_FOUND', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
const caId = { name: 'caId', in: 'path', required: true, schema: { type: 'string' } };
const selfTests = { passed: { type: 'boolean' }, tests: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' }, passed: { type: 'boolean' } }, required: ['name', 'passed'] } } };

export const PLAIN_ADDRESSES = [
  { path: '/ca/{caId}.cer', method: 'get', operationId: 'getCaCertificate', summary: 'Certificate of a CA in DER; `{caId}-root` is the root above it', tags: ['PKI'], security: [], parameters: [caId], responses: binary('application/pkix-cert', 'certificate') },
  { path: '/ca/chain.pem', method: 'get', operationId: 'getChain', summary: 'Every CA certificate, issuing CA before its root', tags: ['PKI'], security: [], responses: binary('application/pem-certificate-chain', 'certificates in PEM') },
  { path: '/crl/{caId}.crl', method: 'get', operationId: 'getCrl', summary: 'Certificate revocation list of a CA in DER', tags: ['PKI'], security: [], parameters: [caId], responses: binary('application/pkix-crl', 'CRL') },
  { path: '/livez', method: 'get', operationId: 'isAlive', summary: 'The process answers', tags: ['Health'], security: [], responses: { 200: json('it lives', { alive: { type: 'boolean' } }) } },
  { path: '/readyz', method: 'get', operationId: 'isReady', summary: 'The service can serve', tags: ['Health'], security: [], responses: { 200: json('ready', { ready: { type: 'boolean' } }), 503: json('not ready', { ready: { type: 'boolean' } }) } },
  { path: '/selftests/run', method: 'post', operationId: 'runSelfTests', summary: 'Store, clock, randomness, audit log, a signature of each CA key, freshness of each CRL', tags: ['Health'], security: [], responses: { 200: json('all passed', selfTests), 503: json('one failed', selfTests) } },
  { path: '/openapi.json', method: 'get', operationId: 'getOpenApi', summary: 'This description', tags: ['Service'], security: [], responses: { 200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } } } },
] as const;
