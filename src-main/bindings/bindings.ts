/** Binding the signed-in account to the signing certificate of a key: the service's challenge, checked, signed by the key. */
import type { DesktopInput, DesktopOutput } from '#shared/contract/desktop/desktop-contract.ts';
import type { Account } from '#shared/contract/rest/accounts.ts';
import type { CaCaller } from '../ca-client/ca-client.ts';
import { checkedChallenge, findSigningCertificate, signWithKey } from '../session/key-signature.ts';
import type { TokenPort } from '../token/token-port.ts';

export interface BindingPorts {
  readonly ca: CaCaller;
  readonly tokens: TokenPort;
  /** Origin of the service that is called. @throws CA_NOT_CONFIGURED */
  readonly serviceOrigin: () => string;
  /** @throws NOT_SIGNED_IN */
  readonly requireAccount: () => Account;
}

/** @throws NOT_SIGNED_IN, PIN_*, TOKEN_*, KEY_NO_SIGNING_CERTIFICATE, KEY_CHALLENGE_REFUSED, BINDING_*, CERTIFICATE_*, CHALLENGE_* */
export async function bind({ ca, tokens, serviceOrigin, requireAccount }: BindingPorts, input: DesktopInput<'bindings.bind'>): Promise<DesktopOutput<'bindings.bind'>> {
  requireAccount();
  const signer = await findSigningCertificate(tokens, input.token, { sha256Hex: input.certificateSha256Hex });
  const { certificate } = signer;
  const challenge = await ca.createBindingChallenge({ body: { certificateDer: certificate.certificateDer, ...(input.projectId === undefined ? {} : { projectId: input.projectId }) } });
  const message = checkedChallenge(challenge, 'binding', serviceOrigin(), certificate);
  const signature = await signWithKey(tokens, input, signer, message);
  return ca.createBinding({ body: { challengeId: challenge.challengeId, signature } });
}
