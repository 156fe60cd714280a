/**
 * Header of a driver library: for which system and processor it was built, told before loading it, so that a wrong one is refused by name.
 * ELF, PE and Mach-O; reads the first bytes of a file that anyone may have made: every offset is checked, nothing is guessed.
 * Pure: bytes in, facts out.
 */

export interface LibraryHeader {
  readonly platform: 'linux' | 'win32' | 'darwin';
  /** As Node's `process.arch` names them; several in a universal Mach-O; `machine-<n>` when it is none that we know. */
  readonly processors: readonly string[];
  /** A file shorter than this was cut off, by a broken download for example; loading it would end the process. Zero when the header does not tell. */
  readonly leastFileBytes: number;
}

/** Enough for every header that real linkers write. */
export const LIBRARY_HEADER_BYTES = 4096;

/** @returns null when the bytes are no library header */
export function readLibraryHeader(bytes: Uint8Array): LibraryHeader | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return readElf(view) ?? readPe(view) ?? readMachO(view);
}

/** e_machine and word size → name. ELF, System V ABI; the class matters because one machine number serves both word sizes. */
const ELF_MACHINES: Readonly<Record<string, string>> = { '62/64': 'x64', '3/32': 'ia32', '183/64': 'arm64', '40/32': 'arm', '258/64': 'loong64', '8/64': 'mips64el', '243/64': 'riscv64' };
const ELF_SHARED_OBJECT = 3;
const ELF_LITTLE_ENDIAN = 1;

function readElf(view: DataView): LibraryHeader | null {
  if (view.byteLength < 20 || view.getUint32(0) !== 0x7f454c46) return null;
  const bits = { 1: 32, 2: 64 }[view.getUint8(4)];
  const byteOrder = view.getUint8(5);
  if (bits === undefined || (byteOrder !== ELF_LITTLE_ENDIAN && byteOrder !== 2) || view.getUint8(6) !== 1) return null;
  const little = byteOrder === ELF_LITTLE_ENDIAN;
  if (view.getUint16(16, little) !== ELF_SHARED_OBJECT) return null;
  const machine = view.getUint16(18, little);
  const known = little ? ELF_MACHINES[`${machine}/${bits}`] : undefined;
  return { platform: 'linux', processors: [known ?? `machine-${machine}-${bits}${little ? '' : '-big-endian'}`], leastFileBytes: bits === 64 && little ? endOfElf64Segments(view) : 0 };
}

const ELF64_HEADER_BYTES = 64;
const ELF64_SEGMENT_BYTES = 56;
const ELF_LOADED_SEGMENT = 1;

/** Where the last segment that gets mapped ends in the file. Segments beyond what was read are not counted. */
function endOfElf64Segments(view: DataView): number {
  if (view.byteLength < ELF64_HEADER_BYTES) return ELF64_HEADER_BYTES;
  const first = view.getBigUint64(32, true);
  const size = view.getUint16(54, true);
  const count = view.getUint16(56, true);
  let end = 0n;
  if (size !== ELF64_SEGMENT_BYTES || first > BigInt(view.byteLength)) return 0;
  for (let index = 0, at = Number(first); index < count && at + size <= view.byteLength; index++, at += size) {
    if (view.getUint32(at, true) !== ELF_LOADED_SEGMENT) continue;
    const segmentEnd = view.getBigUint64(at + 8, true) + view.getBigUint64(at + 32, true);
    if (segmentEnd > end) end = segmentEnd;
  }
  return Number(end);
}

const PE_MACHINES: Readonly<Record<number, string>> = { 0x014c: 'ia32', 0x8664: 'x64', 0xaa64: 'arm64' };
const PE_IS_DLL = 0x2000;

function readPe(view: DataView): LibraryHeader | null {
  if (view.byteLength < 0x40 || view.getUint16(0) !== 0x4d5a) return null;
  const headerAt = view.getUint32(0x3c, true);
  if (headerAt > view.byteLength - 24 || view.getUint32(headerAt) !== 0x50450000) return null;
  if ((view.getUint16(headerAt + 22, true) & PE_IS_DLL) === 0) return null;
  const machine = view.getUint16(headerAt + 4, true);
  return { platform: 'win32', processors: [PE_MACHINES[machine] ?? `machine-${machine}`], leastFileBytes: 0 };
}

const MACH_O_PROCESSORS: Readonly<Record<number, string>> = { 0x01000007: 'x64', 0x0100000c: 'arm64', 0x00000007: 'ia32' };
const MACH_O_LIBRARY_TYPES = new Set([6, 8]); // MH_DYLIB, MH_BUNDLE
/** Java class files share the magic of universal binaries; their version number reads as a count far above this. */
const MAX_UNIVERSAL_PARTS = 16;

function readMachO(view: DataView): LibraryHeader | null {
  if (view.byteLength < 16) return null;
  const magic = view.getUint32(0);
  if (magic === 0xcffaedfe || magic === 0xcefaedfe) {
    return MACH_O_LIBRARY_TYPES.has(view.getUint32(12, true)) ? { platform: 'darwin', processors: [machOProcessor(view.getUint32(4, true))], leastFileBytes: 0 } : null;
  }
  if (magic !== 0xcafebabe) return null;
  const count = view.getUint32(4);
  if (count === 0 || count > MAX_UNIVERSAL_PARTS || view.byteLength < 8 + count * 20) return null;
  return { platform: 'darwin', processors: Array.from({ length: count }, (_, index) => machOProcessor(view.getUint32(8 + index * 20))), leastFileBytes: 0 };
}

function machOProcessor(type: number): string {
  return MACH_O_PROCESSORS[type] ?? `machine-${type}`;
}
