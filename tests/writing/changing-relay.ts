/** A relay before the CA service that changes the issuances in its answers: a CA that is faulty or hostile, seen from the desktop. The service goes by its name. */
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Issuance } from '#shared/contract/rest/issuances.ts';

export type ChangeIssuance = (issuance: Issuance) => Issuance | Promise<Issuance>;

export interface ChangingRelay {
  readonly url: string;
  /** Null: answers go through as they are. */
  change(how: ChangeIssuance | null): void;
  close(): void;
}

const ONE_ISSUANCE = /^\/v1\/issuances\/[^/?]+(\/csr)?$/;

export async function startChangingRelay(target: string): Promise<ChangingRelay> {
  const { hostname, port } = new URL(target);
  let how: ChangeIssuance | null = null;
  const server = createServer((incoming, answer) => {
    const onward = request({ hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers }, (reply) => {
      const change = ONE_ISSUANCE.test(incoming.url ?? '') && reply.statusCode === 200 ? how : null;
      reply.on('error', () => incoming.socket.destroy());
      if (!change) {
        answer.writeHead(reply.statusCode ?? 502, reply.headers);
        return void reply.pipe(answer);
      }
      void changedBody(reply, change).then(
        (body) => {
          const headers = { ...reply.headers, 'content-length': String(body.length) };
          delete headers['transfer-encoding'];
          answer.writeHead(200, headers).end(body);
        },
        (error: unknown) => incoming.socket.destroy(error as Error),
      );
    });
    // What is cut behind the relay is cut before it.
    onward.on('error', () => incoming.socket.destroy());
    incoming.on('error', () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    change: (next) => { how = next; },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function changedBody(reply: IncomingMessage, change: ChangeIssuance): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of reply) chunks.push(chunk as Buffer);
  const issuance = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Issuance;
  return Buffer.from(JSON.stringify(issuance.pair ? await change(issuance) : issuance));
}
