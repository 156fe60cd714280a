/** Reads the body of a request as JSON, with a limit that holds while reading. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '#shared/errors/app-error.ts';

/** The largest call of the contract (settings with twenty drivers) stays far below; those with a file in them say so in their row. */
export const MAX_BODY_BYTES = 128 * 1024;
const JSON_TYPE = /^application\/json(?:\s*;\s*charset=utf-8)?$/i;

/** @param maxBytes for the calls that may bring more @throws INPUT_INVALID, INPUT_TOO_LARGE; after either the rest of the body is not read */
export async function readJsonBody(request: IncomingMessage, maxBytes = MAX_BODY_BYTES): Promise<unknown> {
  // A form or a text/plain body can be sent by any page without asking; application/json cannot.
  if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) throw new AppError('INPUT_INVALID', { header: 'content-type' });
  if (request.headers['content-encoding'] !== undefined) throw new AppError('INPUT_INVALID', { header: 'content-encoding' });
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return parseJson(Buffer.concat(chunks));
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (thrown) {
    // The parser's message quotes the body, which may hold a PIN: it goes no further.
    if (thrown instanceof SyntaxError || thrown instanceof TypeError) throw new AppError('INPUT_INVALID', { fields: [''] });
    throw thrown;
  }
}

const tooLarge = () => new AppError('INPUT_TOO_LARGE', { maxBytes: MAX_BODY_BYTES });
