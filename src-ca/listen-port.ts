/** Which port to listen on. Certificates and screens carry the service's address, so a service without a fixed port tries to keep the one it had. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** @param asked  0: the port of the last run if it is free, else any */
export async function choosePort(dataFolder: string, host: string, asked: number): Promise<number> {
  if (asked !== 0) return asked;
  const file = portFile(dataFolder);
  const last = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  const port = (Number.isInteger(last) && last > 0 && last <= 65_535 ? await freePort(host, last) : null) ?? (await freePort(host, 0));
  if (port === null) throw new Error(`no free port at ${host}`);
  return port;
}

/** To be called once the service listens: a second service that is refused must not leave its port here. */
export function rememberPort(dataFolder: string, port: number): void {
  writeFileSync(portFile(dataFolder), String(port));
}

function portFile(dataFolder: string): string {
  return join(dataFolder, 'port');
}

/** The port, when nobody listens on it; null when somebody does. */
function freePort(host: string, port: number): Promise<number | null> {
  return new Promise((settle, fail) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' || error.code === 'EACCES' ? settle(null) : fail(error)));
    probe.listen(port, host, () => {
      const address = probe.address();
      probe.close(() => settle(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}
