/**
 * Which other libraries a Windows library needs: names of its import table. PE/COFF, "The .idata Section". Reads a file that anyone may have made: every
 * offset and count is checked against the file. Pure but for `readAt`.
 */
import type { ReadAt } from './elf-dynamic.ts';

class NotPe extends Error {}

const MAX_SECTIONS = 96;
const MAX_IMPORTS = 512;
const MAX_NAME_BYTES = 256;
const IMPORT_DIRECTORY = 1;

/** @returns names as they stand there; null when the file is no PE file that can be read to its end */
export async function readPeImports(readAt: ReadAt): Promise<string[] | null> {
  try {
    return await readImports(readAt);
  } catch (thrown) {
    if (thrown instanceof NotPe) return null;
    throw thrown;
  }
}

interface Section {
  readonly address: number;
  readonly offset: number;
  readonly bytes: number;
}

async function readImports(readAt: ReadAt): Promise<string[]> {
  const exactly = async (offset: number, length: number): Promise<DataView> => {
    const bytes = await readAt(offset, length);
    if (bytes.length < length) throw new NotPe('cut off');
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  };
  const dos = await exactly(0, 64);
  if (dos.getUint16(0) !== 0x4d5a) throw new NotPe('magic');
  const headerAt = dos.getUint32(60, true);
  const coff = await exactly(headerAt, 24);
  if (coff.getUint32(0) !== 0x50450000) throw new NotPe('signature');
  const sectionCount = coff.getUint16(6, true);
  const optionalBytes = coff.getUint16(20, true);
  if (sectionCount > MAX_SECTIONS || optionalBytes < 104 || optionalBytes > 4096) throw new NotPe('header');
  const optional = await exactly(headerAt + 24, optionalBytes);
  const directoriesAt = { 0x10b: 96, 0x20b: 112 }[optional.getUint16(0, true)];
  if (directoriesAt === undefined) throw new NotPe('optional header');
  if (optional.getUint32(directoriesAt - 4, true) <= IMPORT_DIRECTORY || optionalBytes < directoriesAt + (IMPORT_DIRECTORY + 1) * 8) return [];
  const importsAddress = optional.getUint32(directoriesAt + IMPORT_DIRECTORY * 8, true);
  if (importsAddress === 0) return [];
  const table = await exactly(headerAt + 24 + optionalBytes, sectionCount * 40);
  const sections = Array.from({ length: sectionCount }, (_, index): Section => ({ address: table.getUint32(index * 40 + 12, true), bytes: table.getUint32(index * 40 + 16, true), offset: table.getUint32(index * 40 + 20, true) }));
  const offsetOf = (address: number): number => {
    const section = sections.find((one) => address >= one.address && address < one.address + one.bytes);
    if (!section) throw new NotPe('address');
    return section.offset + (address - section.address);
  };
  return importNames(readAt, exactly, offsetOf, importsAddress);
}

async function importNames(readAt: ReadAt, exactly: (offset: number, length: number) => Promise<DataView>, offsetOf: (address: number) => number, importsAddress: number): Promise<string[]> {
  const names: string[] = [];
  for (let at = offsetOf(importsAddress); names.length < MAX_IMPORTS; at += 20) {
    const entry = await exactly(at, 20);
    const nameAddress = entry.getUint32(12, true);
    if (nameAddress === 0) return names;
    const bytes = await readAt(offsetOf(nameAddress), MAX_NAME_BYTES);
    const end = bytes.indexOf(0);
    if (end < 1 || bytes.subarray(0, end).some((byte) => byte < 0x20 || byte > 0x7e)) throw new NotPe('name');
    names.push(String.fromCharCode(...bytes.subarray(0, end)));
  }
  throw new NotPe('imports');
}
