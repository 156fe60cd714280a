/**
 * A network that can be cut: a TCP relay before the CA service. Cut: open connections are reset and new ones are refused at once, as by a pulled cable behind a router.
 * Every connection reaches the service from an address of its own (127.0.0.0/8), as those of many customers do: what one caller may do in a minute is not what
 * is tried here, and a table of a hundred cases would meet it.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface TcpGate {
  readonly url: string;
  /** Where connections lead; before that is set they are refused. */
  leadTo(target: string): void;
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/** Systems whose loopback interface has the whole network, not one address. */
const WHOLE_LOOPBACK = ['linux', 'win32'].includes(process.platform);

/** @param connection counted from 0 */
const callerAddress = (connection: number) => (WHOLE_LOOPBACK ? { localAddress: `127.1.${(connection >> 8) & 0xff}.${connection & 0xff}` } : {});

export async function openTcpGate(): Promise<TcpGate> {
  const sockets = new Set<Socket>();
  let open = true;
  let target: URL | null = null;
  let connections = 0;
  const server = createServer((inward) => {
    if (!open || !target) return void inward.resetAndDestroy();
    const outward = connect({ port: Number(target.port), host: target.hostname, ...callerAddress(connections++) });
    for (const [one, other] of [[inward, outward], [outward, inward]] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo: (address) => { target = new URL(address); },
    cut() {
      open = false;
      for (const socket of sockets) socket.resetAndDestroy();
    },
    mend: () => { open = true; },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
