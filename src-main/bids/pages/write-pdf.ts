/** PDF pages with Chinese text, written by PDFKit with the font of `resources/fonts` (only the glyphs that are used go into the file). Headings, facts, tables; page numbers. */
import { once } from 'node:events';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { checkCharacters, type UnwritableCharacters } from './characters.ts';

export type PdfBlock =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [string, string])[] }
  | { readonly kind: 'table'; readonly columns: readonly { readonly title: string; readonly share: number }[]; readonly rows: readonly (readonly string[])[] };

export interface PdfToWrite {
  readonly title: string;
  /** Stands in the document's information; whole seconds. */
  readonly madeAt: Date;
  readonly blocks: readonly PdfBlock[];
  readonly footer: string;
  /** `refuse` where the text is somebody's word, `name` where a page must be written whatever stands on it. */
  readonly unwritable: UnwritableCharacters;
}

const FONT = 'NotoSansCJKsc-Regular-subset.otf';
const MARGIN = 56;
const SIZE = { title: 18, heading: 13, text: 10.5, table: 9, footer: 8 } as const;
const LINE = '#b8c2cc';

export const fontPath = (resourcesFolder: string): string => join(resourcesFolder, 'fonts', FONT);

/** @throws BID_CHARACTER when the font has no sign for a character and the page is to be refused then */
export async function writePdf(wanted: PdfToWrite, font: string): Promise<Uint8Array> {
  const page = await checkCharacters(wanted, wanted.unwritable, font);
  const { default: PdfDocument } = await import('pdfkit');
  const document = new PdfDocument({ size: 'A4', margin: MARGIN, font, bufferPages: true, info: { Title: page.title, Producer: 'BidKey', CreationDate: page.madeAt, ModDate: page.madeAt }, lang: 'zh-CN', displayTitle: true });
  const sink = new PassThrough();
  const chunks: Buffer[] = [];
  sink.on('data', (chunk: Buffer) => chunks.push(chunk));
  document.pipe(sink);
  document.fontSize(SIZE.title).text(page.title, { align: 'center' }).moveDown(0.8);
  for (const block of page.blocks) writeBlock(document, block);
  writeFooters(document, page.footer);
  const ended = once(sink, 'end');
  document.end();
  await ended;
  return new Uint8Array(Buffer.concat(chunks));
}

type Document = PDFKit.PDFDocument;

const widthOf = (document: Document): number => document.page.width - 2 * MARGIN;

function writeBlock(document: Document, block: PdfBlock): void {
  document.x = MARGIN;
  if (block.kind === 'heading') document.moveDown(0.6).fontSize(SIZE.heading).text(block.text).moveDown(0.3);
  else if (block.kind === 'text') document.fontSize(SIZE.text).text(block.text, { lineGap: 4 }).moveDown(0.3);
  else if (block.kind === 'facts') writeRows(document, block.rows, [0.26, 0.74], SIZE.text, false);
  else writeTable(document, block);
}

function writeTable(document: Document, { columns, rows }: Extract<PdfBlock, { kind: 'table' }>): void {
  const total = columns.reduce((sum, { share }) => sum + share, 0);
  const shares = columns.map(({ share }) => share / total);
  writeRows(document, [columns.map(({ title }) => title), ...rows], shares, SIZE.table, true);
  document.moveDown(0.5);
}

/** Rows whose cells wrap by themselves; a row never stands on two pages. */
function writeRows(document: Document, rows: readonly (readonly string[])[], shares: readonly number[], size: number, headed: boolean): void {
  document.fontSize(size);
  for (const [i, row] of rows.entries()) {
    const widths = shares.map((share) => share * widthOf(document) - 8);
    const height = Math.max(...row.map((cell, column) => document.heightOfString(cell === '' ? ' ' : cell, { width: widths[column] ?? 0 }))) + 6;
    if (document.y + height > document.page.height - MARGIN - 12) document.addPage();
    const top = document.y;
    let left = MARGIN;
    for (const [column, cell] of row.entries()) {
      document.fillColor(headed && i === 0 ? '#4c5a6b' : '#1b2430').text(cell, left + 4, top + 3, { width: widths[column] ?? 0 });
      left += (shares[column] ?? 0) * widthOf(document);
    }
    document.moveTo(MARGIN, top + height).lineTo(MARGIN + widthOf(document), top + height).lineWidth(0.5).strokeColor(LINE).stroke();
    document.fillColor('#1b2430');
    document.x = MARGIN;
    document.y = top + height;
  }
}

function writeFooters(document: Document, footer: string): void {
  const { start, count } = document.bufferedPageRange();
  for (let i = start; i < start + count; i++) {
    document.switchToPage(i);
    // Below the margin: without this PDFKit would begin another page.
    document.page.margins.bottom = 0;
    document.fontSize(SIZE.footer).fillColor('#4c5a6b').text(`${footer}    ${i + 1} / ${count}`, MARGIN, document.page.height - 36, { width: widthOf(document), align: 'center', lineBreak: false });
  }
}
