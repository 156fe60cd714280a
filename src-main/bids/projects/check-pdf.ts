/** Whether a PDF can be opened by whoever gets it: readable, not encrypted in any way (a password for printing counts). Reads only what it needs of the file. */
import { open, type FileHandle } from 'node:fs/promises';
import { AppError, refuse } from '#shared/errors/app-error.ts';

export interface CheckedPdf {
  readonly pages: number;
}

/** A file that keeps the reader busy for longer is taken for damaged. */
const LIMIT_MS = 60_000;
const RANGE_BYTES = 64 * 1024;

/** @throws BID_PDF_UNREADABLE, BID_PDF_ENCRYPTED, SEAL_SOURCE_UNREADABLE */
export async function checkPdf(path: string): Promise<CheckedPdf> {
  const file = await open(path, 'r').catch((thrown: NodeJS.ErrnoException) => refuse('SEAL_SOURCE_UNREADABLE', { reason: thrown.code ?? '' }, thrown));
  try {
    return await readPdf(file, (await file.stat()).size);
  } finally {
    await file.close();
  }
}

async function readPdf(file: FileHandle, size: number): Promise<CheckedPdf> {
  if (size === 0) refuse('BID_PDF_UNREADABLE', { reason: 'empty' });
  const { getDocument, PDFDataRangeTransport, VerbosityLevel } = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const range = new PDFDataRangeTransport(size, null);
  let failed: unknown = null;
  const task = getDocument({ range, rangeChunkSize: RANGE_BYTES, disableAutoFetch: true, disableStream: true, stopAtErrors: true, verbosity: VerbosityLevel.ERRORS });
  range.requestDataRange = (begin: number, end: number) => {
    const piece = new Uint8Array(end - begin);
    file.read(piece, 0, piece.length, begin).then(({ bytesRead }) => range.onDataRange(begin, piece.subarray(0, bytesRead)), (thrown) => {
      failed = thrown;
      void task.destroy();
    });
  };
  const timer = setTimeout(() => {
    failed ??= new Error('time limit');
    void task.destroy();
  }, LIMIT_MS);
  try {
    const document = await task.promise;
    // The reader opens files that only restrict printing or copying without asking; they are encrypted all the same.
    const { info } = await document.getMetadata();
    if ('EncryptFilterName' in info && info.EncryptFilterName) refuse('BID_PDF_ENCRYPTED');
    if (document.numPages < 1) refuse('BID_PDF_UNREADABLE', { reason: 'no page' });
    await document.getPage(1);
    return { pages: document.numPages };
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    const { name = '', message = '' } = (failed ?? thrown) as Error;
    if (name === 'PasswordException') throw new AppError('BID_PDF_ENCRYPTED', {}, thrown);
    throw new AppError('BID_PDF_UNREADABLE', { reason: message.slice(0, 120) }, thrown);
  } finally {
    clearTimeout(timer);
    await task.destroy();
  }
}
