/** What bid commands are given on the command line: groups of openers, certificates in PEM or DER, folders of documents, times. Rule: refuse what is not understood, by name. */
import { lstat, readdir, readFile } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { CandidateGroup } from '../../../sealing/check-openers.ts';
import type { SourceDocument } from '../../../sealing/seal-bid.ts';
import { reading } from '../../../sealing/system-errors.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { fromPem } from '#shared/x509/pem.ts';

const MAX_SMALL_FILE_BYTES = 4 << 20;

/** A small file as a whole. @throws SEAL_SOURCE_UNREADABLE */
export async function readSmallFile(path: string): Promise<Uint8Array> {
  const bytes = await reading(path, () => readFile(path));
  if (bytes.length > MAX_SMALL_FILE_BYTES) refuse('SEAL_SOURCE_UNREADABLE', { reason: 'too large', name: basename(path) });
  return new Uint8Array(bytes);
}

/** One or more certificates, PEM or DER. @throws CERTIFICATE_MALFORMED */
export async function readCertificates(path: string): Promise<Uint8Array[]> {
  const bytes = await readSmallFile(path);
  const found = bytes[0] === 0x30 ? [bytes] : fromPem(Buffer.from(bytes).toString('latin1')).filter(({ label }) => label === 'CERTIFICATE').map(({ der }) => der);
  for (const der of found) parseCertificate(der);
  return found.length > 0 ? found : refuse('CERTIFICATE_MALFORMED', { reason: 'no certificate', name: basename(path) });
}

/** `NAME=A.pem,B.pem,key:SERIAL`; a name given twice gets the certificates of both, each once. @param openerOfKey of a plugged key @throws USAGE */
export async function readGroups(specifications: readonly string[], openerOfKey: (serial: string) => Promise<Uint8Array>): Promise<CandidateGroup[]> {
  const groups = new Map<string, Uint8Array[]>();
  for (const text of specifications) {
    const at = text.indexOf('=');
    const [name, files] = [text.slice(0, at).normalize('NFC'), text.slice(at + 1).split(',')];
    if (at < 1 || files.some((file) => file === '')) throw new AppError('USAGE', { option: '--group', reason: 'NAME=A.pem,B.pem,key:SERIAL' });
    const certificates = groups.get(name) ?? [];
    for (const file of files) certificates.push(...(file.startsWith('key:') ? [await openerOfKey(file.slice(4))] : await readCertificates(file)));
    groups.set(name, certificates.filter((der, i) => certificates.findIndex((other) => equalBytes(der, other)) === i));
  }
  return [...groups].map(([name, certificates]) => ({ name, certificates }));
}

/** What systems put into folders by themselves. */
const LITTER: readonly string[] = ['.DS_Store', 'Thumbs.db', 'desktop.ini'];

/** Every file below a folder, by its path in it, in the order of the names. Links are refused: what they lead to may lie anywhere. @throws SEAL_SOURCE_UNREADABLE */
export async function readFolder(folder: string): Promise<SourceDocument[]> {
  const documents: SourceDocument[] = [];
  const visit = async (path: string, prefix: string): Promise<void> => {
    const names = (await reading(path, () => readdir(path))).filter((name) => !LITTER.includes(name)).sort();
    for (const name of names) {
      const [inside, inBid] = [join(path, name), `${prefix}${name.normalize('NFC')}`];
      const state = await reading(inside, () => lstat(inside));
      if (state.isDirectory()) await visit(inside, `${inBid}/`);
      else if (state.isFile()) documents.push({ path: inside, name: inBid, mediaType: mediaTypeOf(name) });
      else refuse('SEAL_SOURCE_UNREADABLE', { reason: 'neither file nor folder', name: inBid });
    }
  };
  await visit(resolve(folder), '');
  return documents;
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.pdf': 'application/pdf', '.ofd': 'application/ofd', '.txt': 'text/plain', '.csv': 'text/csv', '.xml': 'application/xml', '.json': 'application/json', '.html': 'text/html', '.zip': 'application/zip',
  '.doc': 'application/msword', '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', '.xls': 'application/vnd.ms-excel', '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  '.png': 'image/png', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg', '.tif': 'image/tiff', '.tiff': 'image/tiff', '.dwg': 'image/vnd.dwg',
};

const mediaTypeOf = (name: string): string => MEDIA_TYPES[extname(name).toLowerCase()] ?? 'application/octet-stream';

/** ISO 8601 with its zone. @throws USAGE */
export function readTime(text: string | undefined, option: string): Date | null {
  if (text === undefined) return null;
  const date = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/.test(text) || Number.isNaN(date.getTime())) throw new AppError('USAGE', { option, reason: '2026-09-01T09:00:00+08:00' });
  return date;
}
