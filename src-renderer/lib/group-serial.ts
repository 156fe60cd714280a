/** Serial numbers for reading aloud and comparing: groups of four. For eyes only; what is copied or sent stays as the driver reports it. */

/** `0A1B2C3D4E` → `0A1B 2C3D 4E`. Groups count from the left, as printed on the keys. */
export function groupSerial(serial: string): string {
  return serial.trim().match(/.{1,4}/gu)?.join(' ') ?? '';
}

/** Serial of a certificate (hex): pairs stay together, so groups of four count from the right. */
export function groupSerialHex(serialHex: string): string {
  const hex = serialHex.toUpperCase();
  const head = hex.length % 4;
  return [hex.slice(0, head), ...(hex.slice(head).match(/.{4}/g) ?? [])].filter((group) => group !== '').join(' ');
}
