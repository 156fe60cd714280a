/** SM2EnvelopedKey: the forms that occur, and each way to be wrong. */
import { derBitString, derElement, derNull, derOid, derSequence } from '#shared/asn1/der-writer.ts';
import { OIDS } from '#shared/asn1/oids.ts';
import { TAG } from '#shared/asn1/tags.ts';
import { concatBytes } from '#shared/bytes/byte-strings.ts';
import { writeSm2Ciphertext } from '#shared/sm/sm2-der.ts';
import { sm2Encrypt } from '#shared/sm/sm2-encrypt.ts';
import { generateSm2KeyPair } from '#shared/sm/sm2-key.ts';
import { sm4EcbEncrypt } from '#shared/sm/sm4-modes.ts';
import { countedBytes, flipped, vectorCase, type VectorFile } from './vector-file.ts';

const random = countedBytes('sm2-enveloped-key');

export function envelopedKeyCases(): VectorFile {
  const recipient = generateSm2KeyPair(random);
  const other = generateSm2KeyPair(random);
  const pair = generateSm2KeyPair(random);
  const sessionKey = random(16);
  const algorithm = derSequence(derOid(OIDS.sm4Ecb), derNull());
  const wrapped = (key: Uint8Array) => writeSm2Ciphertext(sm2Encrypt(recipient.publicKey, key, { randomBytes: random }));
  const parts = { algorithm, encryptedKey: wrapped(sessionKey), publicKey: derBitString(pair.publicKey), privateKey: derBitString(sm4EcbEncrypt(sessionKey, pair.privateKey)) };
  const envelope = (changes: Partial<typeof parts> = {}) => {
    const all = { ...parts, ...changes };
    return derSequence(all.algorithm, all.encryptedKey, all.publicKey, all.privateKey);
  };
  const encrypted = (plain: Uint8Array) => derBitString(sm4EcbEncrypt(sessionKey, plain));
  const base = { recipientPrivateKey: recipient.privateKey, envelope: envelope(), privateKey: pair.privateKey };
  const change = (changes: Readonly<Record<string, Uint8Array>>) => ({ ...base, ...changes });
  const pad16 = new Uint8Array(16).fill(16);
  return {
    about: 'SM2EnvelopedKey (GM/T 0009 §7.4): recipientPrivateKey, envelope DER, the private key inside. expect: OK or the refusal.',
    cases: [
      vectorCase('ok-32-octets', 'OK', base),
      vectorCase('ok-48-octets-padded', 'OK', change({ envelope: envelope({ privateKey: encrypted(concatBytes(pair.privateKey, pad16)) }) })),
      vectorCase('ok-64-octets-zeros-first', 'OK', change({ envelope: envelope({ privateKey: encrypted(concatBytes(new Uint8Array(32), pair.privateKey)) }) })),
      vectorCase('ok-bare-sm4-identifier', 'OK', change({ envelope: envelope({ algorithm: derSequence(derOid(OIDS.sm4), derNull()) }) })),
      vectorCase('ok-parameters-absent', 'OK', change({ envelope: envelope({ algorithm: derSequence(derOid(OIDS.sm4Ecb)) }) })),
      vectorCase('trailing-byte', 'DER_MALFORMED', change({ envelope: concatBytes(envelope(), Uint8Array.of(0)) })),
      vectorCase('truncated', 'DER_MALFORMED', change({ envelope: envelope().subarray(0, -1) })),
      vectorCase('wrong-tag', 'DER_MALFORMED', change({ envelope: envelope({ privateKey: derElement(TAG.OCTET_STRING, sm4EcbEncrypt(sessionKey, pair.privateKey)) }) })),
      vectorCase('unused-bits', 'DER_MALFORMED', change({ envelope: envelope({ publicKey: derElement(TAG.BIT_STRING, Uint8Array.of(1), pair.publicKey.subarray(0, -1), Uint8Array.of(0)) }) })),
      vectorCase('private-key-of-33-octets', 'CMS_MALFORMED', change({ envelope: envelope({ privateKey: derBitString(random(33)) }) })),
      vectorCase('parameters-not-null', 'CMS_MALFORMED', change({ envelope: envelope({ algorithm: derSequence(derOid(OIDS.sm4Ecb), derElement(TAG.OCTET_STRING, random(16))) }) })),
      vectorCase('public-key-off-curve', 'KEY_INVALID', change({ envelope: envelope({ publicKey: derBitString(flipped(pair.publicKey, -1)) }) })),
      vectorCase('cipher-unknown', 'ALGORITHM_UNSUPPORTED', change({ envelope: envelope({ algorithm: derSequence(derOid('1.2.156.10197.1.102.1'), derNull()) }) })),
      vectorCase('other-recipient', 'DECRYPT_FAILED', change({ recipientPrivateKey: other.privateKey })),
      vectorCase('session-key-changed', 'DECRYPT_FAILED', change({ envelope: envelope({ encryptedKey: flipped(parts.encryptedKey, -1) }) })),
      vectorCase('session-key-of-15-octets', 'DECRYPT_FAILED', change({ envelope: envelope({ encryptedKey: wrapped(sessionKey.subarray(1)) }) })),
      vectorCase('key-of-another-public-key', 'ENVELOPED_KEY_MISMATCH', change({ envelope: envelope({ publicKey: derBitString(other.publicKey) }) })),
      vectorCase('private-key-changed', 'ENVELOPED_KEY_MISMATCH', change({ envelope: envelope({ privateKey: derBitString(flipped(sm4EcbEncrypt(sessionKey, pair.privateKey), 0)) }) })),
      vectorCase('padding-wrong', 'ENVELOPED_KEY_MISMATCH', change({ envelope: envelope({ privateKey: encrypted(concatBytes(pair.privateKey, pad16.map((byte) => byte - 1))) }) })),
      vectorCase('private-key-zero', 'ENVELOPED_KEY_MISMATCH', change({ envelope: envelope({ privateKey: encrypted(new Uint8Array(32)) }) })),
    ],
  };
}
