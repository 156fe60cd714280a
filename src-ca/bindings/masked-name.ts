/** A name that its owner recognises and nobody else learns: the first sign, of longer names the last two as well. */
const LONG = 8;

export function maskedName(name: string): string {
  const signs = [...name];
  const tail = signs.length >= LONG ? signs.slice(-2) : [];
  return `${signs[0] ?? ''}***${tail.join('')}`;
}
