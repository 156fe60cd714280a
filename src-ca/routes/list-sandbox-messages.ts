/** GET /v1/sandbox/messages */
import { pageAsked, route } from '../http/route.ts';
import { listSandboxMessages } from '../sandbox/read-sandbox.ts';

export const listSandboxMessagesRoute = route('listSandboxMessages', ({ ports, query }) => listSandboxMessages(ports, { ...pageAsked(query), to: query.to }));
