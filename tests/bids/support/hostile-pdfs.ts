/** PDFs that somebody made to harm or that are merely broken, one trait each. Made here byte by byte, so that it stands in the code what is wrong with them. */
import { constants, deflateRawSync, deflateSync } from 'node:zlib';

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

/** A PDF with a table of contents at its end. @param objects from number 1 on; the first one is the catalog */
export function pdfOf(objects: readonly (string | Buffer)[], trailer = ''): Buffer {
  const parts: Buffer[] = [latin('%PDF-1.7\n')];
  const length = () => parts.reduce((sum, part) => sum + part.length, 0);
  const places = objects.map((object, index) => {
    const at = length();
    parts.push(latin(`${index + 1} 0 obj\n`), typeof object === 'string' ? latin(object) : object, latin('\nendobj\n'));
    return at;
  });
  const at = length();
  const rows = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  parts.push(latin(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${at}\n%%EOF\n`));
  return Buffer.concat(parts);
}

const CATALOG = '<< /Type /Catalog /Pages 2 0 R >>';
const PAGES = '<< /Type /Pages /Kids [3 0 R] /Count 1 >>';
const PAGE = '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>';

export const plainPdf = (): Buffer => pdfOf([CATALOG, PAGES, PAGE]);

/** Actions that a reader might carry out when the file is opened. */
export const actingPdf = (action: string): Buffer => pdfOf([`<< /Type /Catalog /Pages 2 0 R /OpenAction ${action} >>`, PAGES, PAGE]);

export const pdfWithoutPages = (): Buffer => pdfOf([CATALOG, '<< /Type /Pages /Kids [] /Count 0 >>']);

/** The page tree names itself. */
export const circularPdf = (): Buffer => pdfOf([CATALOG, '<< /Type /Pages /Kids [2 0 R] /Count 1 >>']);

/** Ends in the middle of its table of contents. */
export const cutPdf = (): Buffer => plainPdf().subarray(0, plainPdf().indexOf('trailer') - 15);

/** Arrays in arrays where the pages should be. */
export const nestedPdf = (depth: number): Buffer => pdfOf([`<< /Type /Catalog /Pages ${'['.repeat(depth)} >>`, PAGES, PAGE]);

/** A table of contents that promises more objects than there are grains of sand. */
export const boastfulPdf = (): Buffer => latin(plainPdf().toString('latin1').replace('xref\n0 4', 'xref\n0 4000000000'));

/** Zeros, packed twice over. @param mebibytes unpacked */
function packedZeros(mebibytes: number): Buffer {
  // Blocks that each stand alone may be strung together.
  const block = deflateRawSync(Buffer.alloc(1 << 20), { finishFlush: constants.Z_FULL_FLUSH });
  return deflateSync(Buffer.concat([Buffer.from([0x78, 0x9c]), ...Array.from({ length: mebibytes }, () => block), Buffer.from([0x03, 0x00])]));
}

const stream = (number: number, dictionary: string, bytes: Buffer): Buffer =>
  Buffer.concat([latin(`${number} 0 obj\n<< ${dictionary} /Length ${bytes.length} >>\nstream\n`), bytes, latin('\nendstream\nendobj\n')]);
const TWICE_PACKED = '/Filter [/FlateDecode /FlateDecode]';

/** The catalog stands in a packed stream of some gigabytes: byte strings without an end. */
export function packedBomb(mebibytes: number): Buffer {
  const head = latin('%PDF-1.7\n');
  const bomb = stream(2, `/Type /ObjStm /N 1 /First 8 ${TWICE_PACKED}`, packedZeros(mebibytes));
  const tableAt = head.length + bomb.length;
  const entry = (kind: number, place: number): number[] => [kind, place >> 24 & 255, place >> 16 & 255, place >> 8 & 255, place & 255, 0];
  const table = Buffer.from([entry(0, 0), entry(2, 2), entry(1, head.length), entry(1, tableAt)].flat());
  return Buffer.concat([head, bomb, stream(3, '/Type /XRef /Size 4 /W [1 4 1] /Root 1 0 R', table), latin(`startxref\n${tableAt}\n%%EOF\n`)]);
}

/** The table of contents itself is packed, and has as many rows as there are zeros: objects without an end. */
export function tableBomb(mebibytes: number): Buffer {
  const rows = Math.floor((mebibytes << 20) / 3);
  const head = latin('%PDF-1.7\n');
  return Buffer.concat([head, stream(1, `/Type /XRef /Size ${rows} /W [1 1 1] /Root 2 0 R ${TWICE_PACKED}`, packedZeros(mebibytes)), latin(`startxref\n${head.length}\n%%EOF\n`)]);
}

/** Without a table of contents the reader looks for trailers; each of these is read to the end of the file: the time grows with the square of their number. */
export const endlessPdf = (trailers = 60_000): Buffer => latin(`%PDF-1.7\n${'trailer\n<<\nstartxref\n'.repeat(trailers)}`);
