/** What the service and its signer process say to each other: one request, one answer, by number. Octets travel as Uint8Array (structured clone). */
import type { Result } from '#shared/errors/result.ts';
import type { Sm2Mechanisms } from './sm2-mechanisms.ts';

export interface ModuleAddress {
  readonly modulePath: string;
  /** Of the token, as its owner named it. */
  readonly tokenLabel: string;
  /** Null: the module is not to be used with SM2 keys. */
  readonly sm2: Sm2Mechanisms | null;
}

/** RSA: of that many bits. */
export type NewKey = { readonly kind: 'rsa'; readonly modulusBits: number } | { readonly kind: 'sm2' };

export type SignerRequest =
  | ({ readonly call: 'open'; /** Wiped after the login. */ readonly pin: Uint8Array } & ModuleAddress)
  | { readonly call: 'find'; readonly keyId: string }
  | { readonly call: 'generate'; readonly keyId: string; readonly key: NewKey }
  /** `input`: with RSA the message; with SM2 what the mechanism is given. */
  | { readonly call: 'sign'; readonly keyId: string; readonly input: Uint8Array };

/** `find`: the public key (SubjectPublicKeyInfo), or null. `generate`: the public key. `sign`: the signature as the module gave it. `open`: null. */
export type SignerAnswer = Uint8Array | null;

export interface NumberedRequest {
  readonly id: number;
  readonly request: SignerRequest;
}

export interface NumberedAnswer {
  readonly id: number;
  readonly result: Result<SignerAnswer>;
}
