/** Building blocks that both contracts (REST and desktop) share: the schema library and the formats of the field. Every object refuses unknown fields. */
import { Type, type Static, type TObject, type TProperties, type TSchema } from '@sinclair/typebox';

export { Type, type Static, type TSchema };

/** An object that refuses fields it does not know. */
export function strictObject<T extends TProperties>(properties: T, options: { $id?: string; description?: string } = {}): TObject<T> {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

/** A string that must never reach a log, an error, a URL or a report; redaction goes by `x-secret`. */
export const Secret = (maxLength: number, description: string) => Type.String({ minLength: 1, maxLength, description, writeOnly: true, 'x-secret': true });

export const Id = (description: string) => Type.String({ pattern: '^[A-Za-z0-9_-]{8,64}$', description });
/** RFC 3339 UTC with a trailing Z. */
export const UtcTime = (description: string) => Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,3})?Z$', description });
/** Standard base64 (RFC 4648 §4) with padding, no line breaks. */
export const Base64 = (maxLength: number, description: string) => Type.String({ pattern: '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$', maxLength, description });
/** Lower-case hexadecimal of whole bytes. */
export const Hex = (maxLength: number, description: string) => Type.String({ pattern: '^(?:[0-9a-f]{2})+$', maxLength, description });
/** Money: whole fen (1/100 yuan). */
export const Fen = (description: string) => Type.Integer({ minimum: 0, maximum: 1_000_000_000_00, description });
/** Unified social credit code, GB 32100-2015: 18 characters, the last a check digit (checked by the service, not by the schema). */
export const UnifiedSocialCreditCode = Type.String({ pattern: '^[0-9A-HJ-NPQRTUWXY]{18}$', description: '统一社会信用代码, GB 32100-2015' });
/** Six digits sent by SMS. */
export const AuthorizationCode = Type.String({ pattern: '^\\d{6}$', description: '操作授权码, six digits', writeOnly: true, 'x-secret': true });
/** A token's serial number exactly as its driver reports it, trimmed. */
export const TokenSerial = Type.String({ minLength: 1, maxLength: 64, pattern: '^[\\x21-\\x7e]+$', description: 'serial number of the UKey as its driver reports it' });
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
