/** Whether a PDF can be opened by whoever gets it: readable, not encrypted in any way (a password for printing counts). Reads only what it needs of the file. Runs in the reader's thread. */
import { open, type FileHandle } from 'node:fs/promises';
import type * as Pdfjs from 'pdfjs-dist/legacy/build/pdf.mjs';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { CheckedPdf } from '../pdf-reader-protocol.ts';

const RANGE_BYTES = 64 * 1024;

/** @throws BID_PDF_UNREADABLE, BID_PDF_ENCRYPTED, BID_PDF_TOO_COMPLEX, SEAL_SOURCE_UNREADABLE */
export async function readPdf(path: string): Promise<CheckedPdf> {
  const file = await open(path, 'r').catch((thrown: NodeJS.ErrnoException) => refuse('SEAL_SOURCE_UNREADABLE', { reason: thrown.code ?? '' }, thrown));
  try {
    return await readDocument(file, (await file.stat()).size);
  } finally {
    await file.close();
  }
}

async function readDocument(file: FileHandle, size: number): Promise<CheckedPdf> {
  if (size === 0) refuse('BID_PDF_UNREADABLE', { reason: 'empty' });
  const { getDocument, PDFDataRangeTransport, VerbosityLevel } = await loadPdfjs();
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
  try {
    const document = await task.promise;
    // The reader opens files that only restrict printing or copying without asking; they are encrypted all the same.
    const { info } = await document.getMetadata();
    if ('EncryptFilterName' in info && info.EncryptFilterName) refuse('BID_PDF_ENCRYPTED');
    if (document.numPages < 1) refuse('BID_PDF_UNREADABLE', { reason: 'no page' });
    await document.getPage(1);
    return { pages: document.numPages };
  } catch (thrown) {
    throw refusalOf(failed ?? thrown);
  } finally {
    await task.destroy();
  }
}

/** What V8 says when a recursion or an allocation has no end; pdf.js passes on the text alone. */
const NO_END = /maximum call stack|allocation failed|invalid (typed )?array length|invalid string length/i;

function refusalOf(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const { name = '', message = '' } = thrown as Error;
  if (name === 'PasswordException') return new AppError('BID_PDF_ENCRYPTED', {}, thrown);
  if (NO_END.test(message)) return new AppError('BID_PDF_TOO_COMPLEX', { limit: 'reader' }, thrown);
  return new AppError('BID_PDF_UNREADABLE', { reason: message.slice(0, 120) }, thrown);
}

/**
 * pdf.js takes an Electron utility process for a page of a browser, and its drawing part wants things of a page the moment it is loaded. Nothing is drawn here:
 * empty ones will do, and the native drawing library that it looks for otherwise is not among the installed files.
 */
async function loadPdfjs(): Promise<typeof Pdfjs> {
  const page = globalThis as Record<string, unknown>;
  for (const name of ['DOMMatrix', 'ImageData', 'Path2D']) page[name] ??= class {};
  page['navigator'] ??= { platform: '', userAgent: '' };
  // Its parser, in this very thread.
  page['pdfjsWorker'] ??= await import(PARSER);
  return import('pdfjs-dist/legacy/build/pdf.mjs');
}

/** Has no types of its own. */
const PARSER: string = 'pdfjs-dist/legacy/build/pdf.worker.mjs';
