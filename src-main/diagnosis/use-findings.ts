/** A trial by use: one login, and each key of the token signs and decrypts once, checked in software. Nothing on the key changes. */
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { toAppError } from '#shared/errors/app-error.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { nameValue } from '#shared/x509/name.ts';
import { parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import type { ContainerSide, KeyContainer, TokenPort, TokenSession } from '../token/token-port.ts';
import { passPinGate, pinBytes } from '../writing/pin-gate.ts';
import { proveDecryption, proveSigning } from '../writing/prove-keys.ts';
import type { Facts, Found } from './findings.ts';

type Use = NonNullable<DesktopInput<'diagnosis.run'>['use']>;

/** Never rejects for what the key does: that is what is looked for. */
export async function tryUse(tokens: TokenPort, use: Use, crypto: CryptoPort, found: Found): Promise<void> {
  const { serial } = use.token;
  const session = await open(tokens, use, found);
  if (session === null) return;
  try {
    const containers = await session.listContainers();
    if (!containers.some(({ sign, encrypt }) => sign.hasPrivateKey || encrypt.hasPrivateKey)) found('USE_NO_KEYS', serial, { serial });
    for (const container of containers) await tryContainer(session, container, serial, crypto, found);
  } catch (thrown) {
    sayAway(toAppError(thrown), serial, found);
  } finally {
    await session.close();
  }
}

async function open(tokens: TokenPort, use: Use, found: Found): Promise<TokenSession | null> {
  const { serial } = use.token;
  try {
    const { ref, pin } = await tokens.get(use.token);
    passPinGate(pin, use.confirmedFewTries ?? false);
    return await tokens.logIn(ref, pinBytes(use.pin));
  } catch (thrown) {
    const error = toAppError(thrown);
    if (!error.code.startsWith('PIN_')) sayAway(error, serial, found);
    else found('USE_PIN_REFUSED', serial, { serial, code: error.code, triesLeft: typeof error.details['triesLeft'] === 'number' ? error.details['triesLeft'] : null });
    return null;
  }
}

function sayAway(error: ReturnType<typeof toAppError>, serial: string, found: Found): void {
  if (error.code === 'INTERNAL') throw error;
  found('USE_KEY_AWAY', serial, { serial, code: error.code });
}

async function tryContainer(session: TokenSession, { containerId, sign, encrypt }: KeyContainer, serial: string, crypto: CryptoPort, found: Found): Promise<void> {
  const trials: readonly [ContainerSide, 'USE_SIGN_FAILS' | 'USE_DECRYPT_FAILS', typeof proveSigning][] = [[sign, 'USE_SIGN_FAILS', proveSigning], [encrypt, 'USE_DECRYPT_FAILS', proveDecryption]];
  const worked: string[] = [];
  for (const [side, failure, prove] of trials) {
    const key = side.hasPrivateKey ? keyOf(side) : null;
    if (key === null) continue;
    const facts: Facts = { serial, container: containerId, holder: key.holder, algorithm: key.algorithm };
    try {
      await prove({ session, containerId, algorithm: key.algorithm }, key.publicKeySpkiDer, crypto);
      worked.push(failure === 'USE_SIGN_FAILS' ? 'sign' : 'decrypt');
      if (side.certificateDer && !equalBytes(parseCertificate(side.certificateDer).publicKeySpkiDer, key.publicKeySpkiDer)) found(failure, `${serial} ${containerId}`, { ...facts, code: 'CERTIFICATE_KEY_MISMATCH' });
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.code === 'INTERNAL' || error.code.startsWith('TOKEN_') || error.code === 'DRIVER_CRASHED' || error.code === 'DRIVER_TIMEOUT') throw thrown;
      found(failure, `${serial} ${containerId}`, { ...facts, code: error.code });
    }
  }
  if (worked.length > 0) found('USE_WORKS', `${serial} ${containerId}`, { serial, container: containerId, uses: worked });
}

/** @returns null for a key of an algorithm that nothing here uses, or whose public half is nowhere */
function keyOf(side: ContainerSide): { readonly publicKeySpkiDer: Uint8Array; readonly algorithm: KeyAlgorithm; readonly holder: string | null } | null {
  const certificate = side.certificateDer ? parseCertificate(side.certificateDer) : null;
  const publicKeySpkiDer = certificate?.publicKeySpkiDer ?? side.publicKeySpkiDer;
  if (!publicKeySpkiDer) return null;
  const { kind } = parsePublicKeyInfo(publicKeySpkiDer);
  if (kind === 'ec') return null;
  return { publicKeySpkiDer, algorithm: kind === 'sm2' ? 'sm2' : 'rsa-2048', holder: certificate ? (nameValue(certificate.subject, 'commonName') ?? null) : null };
}
