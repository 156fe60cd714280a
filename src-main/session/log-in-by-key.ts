/** Login by key: the service's challenge, checked, signed by the key, exchanged for a session. The PIN goes into one login and nowhere else. */
import type { DesktopInput, DesktopOutput } from '#shared/contract/desktop/desktop-contract.ts';
import type { Account } from '#shared/contract/rest/accounts.ts';
import type { MaskedAccount } from '#shared/contract/rest/bindings.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { CaClient } from '../ca-client/ca-client.ts';
import type { TokenPort } from '../token/token-port.ts';
import type { CaSession } from './ca-session.ts';
import { checkedChallenge, findSigningCertificate, signWithKey } from './key-signature.ts';

export interface KeyLoginPorts {
  readonly tokens: TokenPort;
  readonly session: CaSession;
  /** @throws CA_NOT_CONFIGURED */
  readonly client: () => CaClient;
}

/** @throws TOKEN_*, KEY_NO_SIGNING_CERTIFICATE, CERTIFICATE_NOT_BOUND, CERTIFICATE_* */
export async function accountsForKey(ports: KeyLoginPorts, input: DesktopInput<'session.accountsForKey'>): Promise<DesktopOutput<'session.accountsForKey'>> {
  const { certificate } = await findSigningCertificate(ports.tokens, input.token, { sha256Hex: input.certificateSha256Hex });
  const { accounts } = await ports.client().anonymous.createLoginChallenge({ body: { certificateDer: certificate.certificateDer } });
  return { certificateSha256Hex: certificate.sha256Hex, accounts };
}

/** @throws PIN_*, TOKEN_*, KEY_NO_SIGNING_CERTIFICATE, KEY_CHALLENGE_REFUSED, LOGIN_ACCOUNT_CHOICE, CERTIFICATE_*, CHALLENGE_* */
export async function logInByKey(ports: KeyLoginPorts, input: DesktopInput<'session.logInByKey'>): Promise<Account> {
  const signer = await findSigningCertificate(ports.tokens, input.token, { sha256Hex: input.certificateSha256Hex });
  const { certificate } = signer;
  const client = ports.client();
  const { accounts, ...challenge } = await client.anonymous.createLoginChallenge({ body: { certificateDer: certificate.certificateDer } });
  const message = checkedChallenge(challenge, 'login', new URL(client.baseUrl).origin, certificate);
  const accountId = input.accountId ?? onlyAccount(accounts);
  const signature = await signWithKey(ports.tokens, input, signer, message);
  const { ref } = signer.summary;
  return ports.session.logInByKey({ token: ref, certificateSha256Hex: certificate.sha256Hex, certificateSerialHex: certificate.serialHex, subjectCommonName: certificate.subjectCommonName }, () =>
    client.anonymous.createCertificateSession({ body: { challengeId: challenge.challengeId, signature, ...(accountId === null ? {} : { accountId }) } }));
}

/** A choice between several is the person's. Null: the service decides. @throws LOGIN_ACCOUNT_CHOICE before the PIN is used */
function onlyAccount(accounts: readonly MaskedAccount[]): string | null {
  if (accounts.length > 1) throw new AppError('LOGIN_ACCOUNT_CHOICE', { accountIds: accounts.map((one) => one.accountId), names: accounts.map((one) => `${one.displayName} (${one.loginName})`) });
  return accounts[0]?.accountId ?? null;
}
