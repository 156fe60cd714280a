/**
 * Shows a PDF page by page with pdf.js. The pieces come through the engine as pdf.js asks for them, so that a large document is not read as a whole. Its worker and
 * character maps are files of ours: nothing is loaded from elsewhere, nothing needs a looser Content-Security-Policy, scripts in the document are not run.
 */
import { LeftOutlined, RightOutlined, ZoomInOutlined, ZoomOutOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import type { PDFDocumentProxy } from 'pdfjs-dist';
import { ErrorPanel } from './error-panel.tsx';
import { Loading } from './loading.tsx';

/** Reads a piece of the document. */
export type ReadPiece = (offset: number, length: number) => Promise<{ readonly bytes: string; readonly sizeBytes: number }>;

const RANGE_BYTES = 256 * 1024;
const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3] as const;

async function openDocument(read: ReadPiece): Promise<{ document: PDFDocumentProxy; close: () => Promise<void> }> {
  const [pdfjs, { default: workerUrl }] = await Promise.all([import('pdfjs-dist'), import('pdfjs-dist/build/pdf.worker.min.mjs?url')]);
  pdfjs.GlobalWorkerOptions.workerSrc = workerUrl;
  const first = await read(0, RANGE_BYTES);
  const data = fromBase64(first.bytes);
  const range = new pdfjs.PDFDataRangeTransport(first.sizeBytes, data);
  range.requestDataRange = (begin: number, end: number) => {
    // A piece that does not come leaves its page empty; the document says so by itself.
    void read(begin, end - begin).then(({ bytes }) => range.onDataRange(begin, fromBase64(bytes)), () => task.destroy());
  };
  const folder = new URL('./pdfjs/', document.baseURI).href;
  const task = pdfjs.getDocument({
    range, rangeChunkSize: RANGE_BYTES, disableAutoFetch: true, disableStream: true, enableXfa: false, useWasm: false, wasmUrl: `${folder}wasm/`, cMapUrl: `${folder}cmaps/`, cMapPacked: true, standardFontDataUrl: `${folder}standard_fonts/`,
    verbosity: pdfjs.VerbosityLevel.ERRORS,
  });
  return { document: await task.promise, close: () => task.destroy() };
}

export function PdfPreview({ read, name }: { read: ReadPiece; name: string }) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState<PDFDocumentProxy | null>(null);
  const [failed, setFailed] = useState<AppError | null>(null);
  const [page, setPage] = useState(1);
  const [zoom, setZoom] = useState(2);
  const reader = useRef(read);
  reader.current = read;

  useEffect(() => {
    let closed = false;
    let close: (() => Promise<void>) | null = null;
    setOpened(null);
    setFailed(null);
    setPage(1);
    openDocument((offset, length) => reader.current(offset, length)).then(
      (result) => {
        close = result.close;
        if (closed) void close();
        else setOpened(result.document);
      },
      (thrown) => (closed ? undefined : setFailed(thrown instanceof AppError ? thrown : new AppError('BID_PDF_UNREADABLE', { reason: toAppError(thrown).message }, thrown))),
    );
    return () => {
      closed = true;
      void close?.();
    };
  }, [name]);

  if (failed) return <ErrorPanel error={failed} />;
  if (opened === null) return <Loading what={t('preview.opening')} />;
  return (
    <div className="bk-preview">
      <div className="bk-inline bk-preview-bar">
        <Button icon={<LeftOutlined />} disabled={page <= 1} aria-label={t('preview.previous')} onClick={() => setPage(page - 1)} />
        <span aria-live="polite">{t('preview.page', { page, pages: opened.numPages })}</span>
        <Button icon={<RightOutlined />} disabled={page >= opened.numPages} aria-label={t('preview.next')} onClick={() => setPage(page + 1)} />
        <Button icon={<ZoomOutOutlined />} disabled={zoom === 0} aria-label={t('preview.smaller')} onClick={() => setZoom(zoom - 1)} />
        <span>{Math.round((ZOOMS[zoom] ?? 1) * 100)}%</span>
        <Button icon={<ZoomInOutlined />} disabled={zoom === ZOOMS.length - 1} aria-label={t('preview.larger')} onClick={() => setZoom(zoom + 1)} />
      </div>
      <PageCanvas opened={opened} page={page} scale={ZOOMS[zoom] ?? 1} label={t('preview.pageOf', { name, page })} />
    </div>
  );
}

function PageCanvas({ opened, page, scale, label }: { opened: PDFDocumentProxy; page: number; scale: number; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [failed, setFailed] = useState<AppError | null>(null);
  useEffect(() => {
    let cancelled = false;
    let stop: (() => void) | null = null;
    setFailed(null);
    const draw = async () => {
      const shown = await opened.getPage(page);
      const target = canvas.current;
      if (cancelled || target === null) return;
      const pixels = window.devicePixelRatio || 1;
      const viewport = shown.getViewport({ scale: scale * pixels });
      target.width = Math.floor(viewport.width);
      target.height = Math.floor(viewport.height);
      target.style.width = `${Math.floor(viewport.width / pixels)}px`;
      const task = shown.render({ canvas: target, viewport });
      stop = () => task.cancel();
      await task.promise;
    };
    draw().catch((thrown: unknown) => (cancelled ? undefined : setFailed(new AppError('BID_PDF_UNREADABLE', { reason: thrown instanceof Error ? thrown.message.slice(0, 120) : '' }, thrown))));
    return () => {
      cancelled = true;
      stop?.();
    };
  }, [opened, page, scale]);
  return <div className="bk-preview-page">{failed ? <ErrorPanel error={failed} /> : null}<canvas ref={canvas} role="img" aria-label={label} /></div>;
}
