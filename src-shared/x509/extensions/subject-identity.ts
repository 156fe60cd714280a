/**
 * Subject data of Chinese certificates, GM/T 0015-2023: resident identity number (1.2.156.10260.4.1.1.1) and unified social credit code
 * (1.2.156.10260.4.4). Each value is a PrintableString, the form that the identity code had in GM/T 0015-2012 (`residenterCardNumber PrintableString`).
 * Read as any string type, because issued certificates differ; written as PrintableString.
 */
import { DerReader } from '../../asn1/der-reader.ts';
import { derPrintableString } from '../../asn1/der-writer.ts';
import { OIDS } from '../../asn1/oids.ts';
import type { ExtensionCodec } from '../extension.ts';

const textExtension = (oid: string, name: string): ExtensionCodec<string> => ({ oid, name, read: (valueDer) => DerReader.open(valueDer).readString(name).text, write: derPrintableString });

export const RESIDENT_ID_NUMBER = textExtension(OIDS.residentIdNumber, 'residentIdNumber');
export const UNIFIED_SOCIAL_CREDIT_CODE = textExtension(OIDS.unifiedSocialCreditCode, 'unifiedSocialCreditCode');
