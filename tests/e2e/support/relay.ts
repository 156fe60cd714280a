/** A relay in front of the CA service that cuts the connection of a call when the test says so: the network that fails at one step. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Relay {
  readonly url: string;
  /** Every call whose `METHOD /path` matches is cut, before it reaches the service. Null: none. */
  cut(calls: RegExp | null): void;
  close(): void;
}

export async function startRelay(target: string): Promise<Relay> {
  const { hostname, port } = new URL(target);
  let cutCalls: RegExp | null = null;
  const server = createServer((incoming, answer) => {
    if (cutCalls?.test(`${incoming.method} ${incoming.url}`)) return void incoming.socket.destroy();
    const onward = request({ hostname, port, method: incoming.method, path: incoming.url, headers: { ...incoming.headers, host: `${hostname}:${port}` } }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    onward.on('error', () => incoming.socket.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: (calls) => {
      cutCalls = calls;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
