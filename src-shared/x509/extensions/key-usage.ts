/** Key usage, RFC 5280 §4.2.1.3. `KeyUsage ::= BIT STRING { digitalSignature (0), … decipherOnly (8) }` */
import { DerReader } from '../../asn1/der-reader.ts';
import { derNamedBits } from '../../asn1/der-writer.ts';
import { OIDS } from '../../asn1/oids.ts';
import { AppError } from '../../errors/app-error.ts';
import type { ExtensionCodec } from '../extension.ts';

/** By bit number. */
export const KEY_USAGES = ['digitalSignature', 'nonRepudiation', 'keyEncipherment', 'dataEncipherment', 'keyAgreement', 'keyCertSign', 'cRLSign', 'encipherOnly', 'decipherOnly'] as const;
export type KeyUsageName = (typeof KEY_USAGES)[number];

const malformed = (reason: string): never => {
  throw new AppError('CERTIFICATE_MALFORMED', { reason, extension: 'keyUsage' });
};

export const KEY_USAGE: ExtensionCodec<readonly KeyUsageName[]> = {
  oid: OIDS.keyUsage,
  name: 'keyUsage',
  read(valueDer) {
    const { bytes, unusedBits } = DerReader.open(valueDer).readBitString('keyUsage');
    const last = bytes[bytes.length - 1];
    // §4.2.1.3: at least one bit is set; X.690 §11.2.2: no trailing zero bits.
    if (last === undefined) return malformed('no bit is set');
    if (((last >> unusedBits) & 1) === 0) return malformed('trailing zero bits');
    if (bytes.length * 8 - unusedBits > KEY_USAGES.length) return malformed('unknown bit');
    return KEY_USAGES.filter((_, bit) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
  },
  write: (usages) => derNamedBits(usages.map((usage) => KEY_USAGES.indexOf(usage))),
};
