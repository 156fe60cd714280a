/** Mutations from a fixed seed: octets, ranges, and the elements of DER. The same seed gives the same mutations on every machine. */

/** mulberry32: 32 bits of state, good enough to choose mutations. */
export function seededNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % Math.max(1, below);
  };
}

type Bytes = Uint8Array;
type Choose = (below: number) => number;
const join = (...parts: readonly Bytes[]): Bytes => new Uint8Array(Buffer.concat(parts));
const INTERESTING = [0x00, 0x01, 0x02, 0x04, 0x05, 0x0a, 0x0c, 0x17, 0x1f, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x84, 0xa0, 0xff];

interface Element {
  readonly at: number;
  readonly contentAt: number;
  readonly end: number;
}

/** Every element, at every depth, as far as the lengths make sense. */
function elementsOf(der: Bytes, from = 0, to = der.length, depth = 0): Element[] {
  const found: Element[] = [];
  for (let at = from; at + 2 <= to; ) {
    const first = der[at + 1] ?? 0;
    const octets = first < 0x80 ? 0 : first - 0x80;
    if (octets > 4) break;
    let length = octets === 0 ? first : 0;
    for (let i = 0; i < octets; i++) length = length * 256 + (der[at + 2 + i] ?? 0);
    const contentAt = at + 2 + octets;
    const end = contentAt + length;
    if (end > to) break;
    found.push({ at, contentAt, end });
    if (((der[at] ?? 0) & 0x20) !== 0 && depth < 12) found.push(...elementsOf(der, contentAt, end, depth + 1));
    at = end;
  }
  return found;
}

const MUTATIONS: readonly ((bytes: Bytes, other: Bytes, choose: Choose) => Bytes)[] = [
  (bytes, _other, choose) => { const at = choose(bytes.length); return bytes.map((byte, i) => (i === at ? byte ^ (1 << choose(8)) : byte)); },
  (bytes, _other, choose) => { const [at, value] = [choose(bytes.length), INTERESTING[choose(INTERESTING.length)] ?? 0]; return bytes.map((byte, i) => (i === at ? value : byte)); },
  (bytes, _other, choose) => bytes.slice(0, choose(bytes.length)),
  (bytes, _other, choose) => { const at = choose(bytes.length); return join(bytes.slice(0, at), bytes.slice(at + 1 + choose(16))); },
  (bytes, _other, choose) => { const at = choose(bytes.length); return join(bytes.slice(0, at), bytes.slice(at, at + choose(40)), bytes.slice(at)); },
  (bytes, _other, choose) => { const at = choose(bytes.length); return join(bytes.slice(0, at), Uint8Array.from({ length: 1 + choose(6) }, () => choose(256)), bytes.slice(at)); },
  (bytes, other, choose) => join(bytes.slice(0, choose(bytes.length)), other.slice(choose(other.length))),
  (bytes, _other, choose) => onElement(bytes, choose, (element) => join(element, element)),
  (bytes, _other, choose) => onElement(bytes, choose, () => new Uint8Array(0)),
  (bytes, other, choose) => onElement(bytes, choose, () => { const all = elementsOf(other); const one = all[choose(all.length)]; return one ? other.slice(one.at, one.end) : new Uint8Array(0); }),
  (bytes, _other, choose) => onElement(bytes, choose, (element) => element.map((byte, i) => (i === 0 ? (INTERESTING[choose(INTERESTING.length)] ?? byte) : byte))),
  (bytes, _other, choose) => onElement(bytes, choose, (element) => join(element.slice(0, 1), Uint8Array.of(0x84, 0, 0, 0), element.slice(1))),
];

/** One element changed and all lengths around it mended, so that the change itself is what the parser meets. */
function onElement(der: Bytes, choose: Choose, change: (element: Bytes) => Bytes): Bytes {
  const all = elementsOf(der);
  const target = all[choose(all.length)];
  if (!target) return der;
  let [inner, from, to] = [change(der.slice(target.at, target.end)), target.at, target.end];
  const around = all.filter(({ contentAt, end }) => contentAt <= target.at && target.end <= end && contentAt !== target.contentAt).sort((one, other) => other.at - one.at);
  for (const { at, contentAt, end } of around) {
    const content = join(der.slice(contentAt, from), inner, der.slice(to, end));
    [inner, from, to] = [join(der.slice(at, at + 1), lengthOctets(content.length), content), at, end];
  }
  return join(der.slice(0, from), inner, der.slice(to));
}

function lengthOctets(length: number): Bytes {
  if (length < 0x80) return Uint8Array.of(length);
  const hex = length.toString(16).padStart(2 * Math.ceil(length.toString(16).length / 2), '0');
  return Uint8Array.from([0x80 | (hex.length / 2), ...Buffer.from(hex, 'hex')]);
}

/** One to four mutations of a seed. */
export function mutated(seeds: readonly Bytes[], choose: Choose): Bytes {
  let bytes = seeds[choose(seeds.length)] ?? new Uint8Array(0);
  for (let i = 0; i <= choose(4); i++) bytes = (MUTATIONS[choose(MUTATIONS.length)] ?? MUTATIONS[0] ?? ((same) => same))(bytes, seeds[choose(seeds.length)] ?? bytes, choose);
  return bytes;
}
