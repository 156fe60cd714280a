/** Sends a request byte for byte, so that nothing tidies up what a hostile caller would send. */
import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RawRequest {
  readonly method?: string;
  /** Request target exactly as sent. */
  readonly target: string;
  /** A header with null is left out. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: string | Buffer;
}

/** @param origin `http://127.0.0.1:port`; Host is taken from it unless the request says otherwise */
export async function sendRaw(origin: string, request: RawRequest): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(origin);
  const body = Buffer.from(request.body ?? '');
  const headers = { host, connection: 'close', ...(request.body === undefined ? {} : { 'content-length': String(body.length) }), ...request.headers };
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  const socket = connect(Number(port), hostname);
  socket.write(`${request.method ?? 'GET'} ${request.target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  socket.write(body);
  const chunks: Buffer[] = [];
  await new Promise<void>((done, failed) => {
    socket.on('data', (bytes) => chunks.push(bytes));
    socket.on('end', done).on('close', () => done());
    // A server that refuses a large body closes while we still write.
    socket.on('error', (error: NodeJS.ErrnoException) => (chunks.length > 0 || error.code === 'EPIPE' || error.code === 'ECONNRESET' ? done() : failed(error)));
  });
  socket.destroy();
  return parseAnswer(Buffer.concat(chunks).toString('utf8'));
}

function parseAnswer(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [statusLine = '', ...headerLines] = head.split('\r\n');
  const headers = Object.fromEntries(headerLines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
  return { status: Number(statusLine.split(' ')[1]), headers, body: rest.join('\r\n\r\n') };
}
