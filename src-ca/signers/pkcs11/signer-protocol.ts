/** What the service and its signer process say to each other: one request, one answer, by number. Octets travel as Uint8Array (structured clone). */
import type { Result } from '#shared/errors/result.ts';

export interface ModuleAddress {
  readonly modulePath: string;
  /** Of the token, as its owner named it. */
  readonly tokenLabel: string;
}

export type SignerRequest =
  | ({ readonly call: 'open'; /** Wiped after the login. */ readonly pin: Uint8Array } & ModuleAddress)
  | { readonly call: 'find'; readonly keyId: string }
  | { readonly call: 'generate'; readonly keyId: string; readonly modulusBits: number }
  | { readonly call: 'sign'; readonly keyId: string; readonly message: Uint8Array };

/** `find`: the public key, or null. `generate`: the public key. `sign`: the signature. `open`: null. */
export type SignerAnswer = Uint8Array | null;

export interface NumberedRequest {
  readonly id: number;
  readonly request: SignerRequest;
}

export interface NumberedAnswer {
  readonly id: number;
  readonly result: Result<SignerAnswer>;
}
