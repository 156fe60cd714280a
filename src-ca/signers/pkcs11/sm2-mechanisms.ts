/**
 * Numbers of the SM2 mechanisms of a PKCS#11 module. No standard fixes them, so the operator gives them as a JSON file with the words of the UKey model profiles
 * (`sm2` of a file in resources/ukey-models may stand there as it is). Nothing is guessed: a module that works otherwise makes signatures that do not verify,
 * and those are never given out.
 */
import { Ajv } from 'ajv';
import { Nullable, Type, strictObject, type Static } from '#shared/contract/schema.ts';
import { AppError } from '#shared/errors/app-error.ts';

const Hex32 = Type.String({ pattern: '^0x[0-9a-f]{8}$' });

export const Sm2MechanismFile = strictObject({
  keyType: Hex32,
  generateKeyPair: Hex32,
  /** Signs the digest e, which is computed here. */
  signDigest: Nullable(Hex32),
  /** Digests by itself; taken when there is no `signDigest`. */
  signSm3: Type.Optional(Nullable(Hex32)),
  /** What `signSm3` is given: the message, when the module puts Z in front by itself; else Z and the message. */
  signSm3Input: Type.Optional(Type.Union([Type.Literal('message'), Type.Literal('z-and-message')])),
  signatureForm: Type.Union([Type.Literal('raw'), Type.Literal('der')]),
  /** Of model profiles; not needed by a CA. */
  family: Type.Optional(Type.String()),
  encrypt: Type.Optional(Nullable(Hex32)),
  unwrapEnveloped: Type.Optional(Nullable(Hex32)),
});
export type Sm2MechanismFile = Static<typeof Sm2MechanismFile>;

/** What the mechanism is given: e; the message; or Z ‖ message. */
export type Sm2SignInput = 'digest' | 'message' | 'z-and-message';

export interface Sm2Mechanisms {
  readonly keyType: number;
  readonly generateKeyPair: number;
  readonly sign: number;
  readonly signInput: Sm2SignInput;
  readonly signatureForm: 'raw' | 'der';
}

const isMechanismFile = new Ajv().compile<Sm2MechanismFile>(Sm2MechanismFile);

/** @throws USAGE when the text is not such a file */
export function parseSm2Mechanisms(json: string): Sm2Mechanisms {
  const file = parseJson(json);
  if (!isMechanismFile(file)) throw new AppError('USAGE', { reason: `the file of SM2 mechanisms: ${isMechanismFile.errors?.[0]?.instancePath ?? ''} ${isMechanismFile.errors?.[0]?.message ?? ''}` });
  const [keyType, generateKeyPair] = [Number(file.keyType), Number(file.generateKeyPair)];
  if (file.signDigest !== null) return { keyType, generateKeyPair, sign: Number(file.signDigest), signInput: 'digest', signatureForm: file.signatureForm };
  if (!file.signSm3) throw new AppError('USAGE', { reason: 'the file of SM2 mechanisms names none to sign with' });
  return { keyType, generateKeyPair, sign: Number(file.signSm3), signInput: file.signSm3Input ?? 'message', signatureForm: file.signatureForm };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (thrown) {
    throw new AppError('USAGE', { reason: 'the file of SM2 mechanisms is not JSON' }, thrown);
  }
}
