/** What RSASSA-PKCS1-v1_5 with SHA-256 signs, for keys that sign it as it is: DigestInfo of the message (RFC 8017 §9.2, note 1). */
import { createHash } from 'node:crypto';

const SHA256_DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

export function sha256DigestInfo(message: Uint8Array): Buffer {
  return Buffer.concat([SHA256_DIGEST_INFO, createHash('sha256').update(message).digest()]);
}
