/** A material to hand in: read from a file, and told by its first bytes, not by its name. The size is checked before anything is read. */
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import { MAX_MATERIAL_BYTES, type RequestMaterial } from '#shared/contract/rest/requests.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';

type MaterialSource = DesktopInput<'requests.addMaterial'>['source'];

export interface MaterialContent {
  readonly fileName: string;
  readonly mediaType: RequestMaterial['mediaType'];
  /** base64 */
  readonly content: string;
}

const STARTS: readonly (readonly [RequestMaterial['mediaType'], string])[] = [['application/pdf', '255044462d'], ['image/jpeg', 'ffd8ff'], ['image/png', '89504e470d0a1a0a']];
/** What the service takes as a name. */
const MAX_NAME_LENGTH = 120;

/** @throws MATERIAL_UNREADABLE, MATERIAL_TOO_LARGE */
export async function readMaterial(source: MaterialSource): Promise<MaterialContent> {
  if (source.kind === 'content') return { fileName: source.fileName, mediaType: source.mediaType, content: source.content };
  const bytes = await readSmallFile(source.path);
  const [mediaType] = STARTS.find(([, start]) => bytes.subarray(0, start.length / 2).toString('hex') === start) ?? refuse('MATERIAL_UNREADABLE', { reason: 'form' });
  const fileName = basename(source.path).replace(/[\p{Cc}/\\]/gu, '_').slice(-MAX_NAME_LENGTH);
  return { fileName, mediaType, content: bytes.toString('base64') };
}

async function readSmallFile(path: string): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > MAX_MATERIAL_BYTES) refuse('MATERIAL_TOO_LARGE', { gotBytes: size, maxBytes: MAX_MATERIAL_BYTES });
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw new AppError('MATERIAL_UNREADABLE', { reason: 'cannot be read', systemCode: (thrown as NodeJS.ErrnoException).code ?? null });
  }
}
