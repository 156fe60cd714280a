/** Hands a file of the page over to the engine, piece by piece: a browser tells no path of what is dropped on it. */
import { UPLOAD_PIECE_BYTES, type FileSource } from '#shared/contract/desktop/bid-files.ts';
import { toBase64 } from '#shared/bytes/base64.ts';
import type { ScreenEngine } from './engine.tsx';

/** @param onProgress share that is done, 0 to 1 @returns the upload as a source for one call */
export async function uploadFile(engine: ScreenEngine, file: File, onProgress: (done: number) => void): Promise<FileSource> {
  const { uploadId } = await engine.call('files.beginUpload', { name: file.name, sizeBytes: file.size });
  try {
    for (let offset = 0; offset < file.size; offset += UPLOAD_PIECE_BYTES) {
      const bytes = new Uint8Array(await file.slice(offset, offset + UPLOAD_PIECE_BYTES).arrayBuffer());
      await engine.call('files.appendUpload', { uploadId, offset, bytes: toBase64(bytes) });
      onProgress((offset + bytes.length) / file.size);
    }
    return { uploadId };
  } catch (thrown) {
    // What went wrong matters; whether the rest could be tidied up does not: the engine removes it at its next start.
    void engine.call('files.discardUpload', { uploadId }).catch(() => undefined);
    throw thrown;
  }
}
