/** A login on one key, as deeds use it: each method is one call to the host that holds the session. Ends with the process that holds it. */
import { fromBase64 } from '#shared/bytes/base64.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { derUnsignedInteger } from '#shared/asn1/der-writer.ts';
import type { TokenRef } from '#shared/contract/desktop/tokens.ts';
import type { EnvelopedEncryptionKey } from '#shared/contract/rest/issuances.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { refuse, toAppError } from '#shared/errors/app-error.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { describeContainer } from './describe-token.ts';
import type { HostInput, HostMethod, HostOutput, Sm2EnvelopeForm } from './host-protocol.ts';
import type { Login, SessionHost } from './session-host.ts';
import type { TokenHostLog } from './token-host-ports.ts';
import type { KeyContainer, KeyPurpose, TokenSession } from './token-port.ts';

/** Calls of the protocol that need a session. */
type SessionMethod = { [M in HostMethod]: HostInput<M> extends { readonly sessionId: number } ? M : never }[HostMethod];

export interface OpenedSession {
  readonly ref: TokenRef;
  readonly login: Login;
  readonly pinIsDefault: boolean;
  readonly log: TokenHostLog;
}

export class HostTokenSession implements TokenSession {
  readonly ref: TokenRef;
  readonly pinIsDefault: boolean;
  readonly #host: SessionHost;
  readonly #log: TokenHostLog;
  readonly #sessionId: number;
  #open = true;

  constructor({ ref, login, pinIsDefault, log }: OpenedSession) {
    this.ref = ref;
    this.pinIsDefault = pinIsDefault;
    this.#host = login.host;
    this.#sessionId = login.sessionId;
    this.#log = log;
  }

  async listContainers(): Promise<KeyContainer[]> {
    return (await this.#call('listContainers', {})).map(describeContainer);
  }

  async readContainer(containerId: string): Promise<KeyContainer | null> {
    const container = await this.#call('readContainer', { containerId });
    return container === null ? null : describeContainer(container);
  }

  generateSigningKeyPair(containerId: string, algorithm: KeyAlgorithm): Promise<{ publicKeySpkiDer: Uint8Array }> {
    return this.#call('generateSigningKeyPair', { containerId, algorithm });
  }

  async sign(containerId: string, purpose: KeyPurpose, message: Uint8Array): Promise<Uint8Array> {
    return (await this.#call('sign', { containerId, purpose, message })).signature;
  }

  async decrypt(containerId: string, purpose: KeyPurpose, ciphertext: Uint8Array): Promise<Uint8Array> {
    return (await this.#call('decrypt', { containerId, purpose, ciphertext })).plaintext;
  }

  async importEncryptionKey(containerId: string, envelope: EnvelopedEncryptionKey, publicKeySpkiDer: Uint8Array): Promise<void> {
    if (envelope.format === 'rsa-oaep+aes-kwp') {
      const wrappedKeyEncryptionKey = fromBase64(envelope.wrappedKeyEncryptionKey);
      const wrappedPrivateKey = fromBase64(envelope.wrappedPrivateKey);
      await this.#call('importRsaEncryptionKey', { containerId, wrappedKeyEncryptionKey, wrappedPrivateKey, publicKeySpkiDer });
      return;
    }
    if (envelope.format === 'skf-rsa-key-blob') {
      await this.#call('importRsaKeyBlob', { containerId, wrappedKey: fromBase64(envelope.wrappedKey), encryptedPrivateKey: fromBase64(envelope.encryptedPrivateKey), publicKeySpkiDer });
      return;
    }
    await this.#call('importSm2EncryptionKey', { containerId, ...sm2EnvelopeOf(envelope), publicKeySpkiDer });
  }

  async historyOpeningKey(containerId: string, algorithm: KeyAlgorithm): Promise<{ publicKeySpkiDer: Uint8Array }> {
    await this.#requireHistoryContainer(containerId);
    return this.generateSigningKeyPair(containerId, algorithm);
  }

  async importHistoryKey(containerId: string, envelope: EnvelopedEncryptionKey, publicKeySpkiDer: Uint8Array, certificateDer: Uint8Array): Promise<void> {
    // Refused before anything is written: the certificate would be only after the key is there.
    if (!equalBytes(parseCertificate(certificateDer).publicKeySpkiDer, publicKeySpkiDer)) refuse('CERTIFICATE_KEY_MISMATCH', { containerId, purpose: 'encrypt' });
    await this.#requireHistoryContainer(containerId);
    await this.importEncryptionKey(containerId, envelope, publicKeySpkiDer);
    await this.importCertificate(containerId, 'encrypt', certificateDer);
    // Last: until the certificate is there, the opening key shows that this container is not done.
    await this.#call('dropOpeningKey', { containerId });
  }

  async importCertificate(containerId: string, purpose: KeyPurpose, certificateDer: Uint8Array): Promise<void> {
    const { subject, issuer, serialOctets, publicKeySpkiDer } = parseCertificate(certificateDer);
    await this.#call('importCertificate', { containerId, purpose, certificateDer, subjectDer: subject.der, issuerDer: issuer.der, serialNumberDer: derUnsignedInteger(serialOctets), publicKeySpkiDer });
  }

  async deleteContainer(containerId: string): Promise<void> {
    await this.#call('deleteContainer', { containerId });
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    try {
      if (this.#host.lives) await this.#host.call('logOut', { sessionId: this.#sessionId });
    } catch (thrown) {
      this.#log.info('token.log-out', { serial: this.ref.serial, code: toAppError(thrown).code });
    }
    await this.#host.release();
  }

  /** A container with a signing certificate belongs to a pair in use: its signing key would be taken for an opening key. */
  async #requireHistoryContainer(containerId: string): Promise<void> {
    const there = await this.readContainer(containerId);
    if (there !== null && there.sign.certificateDer !== null) refuse('CONTAINER_NOT_FOUND', { containerId, reason: 'it holds a pair in use' });
  }

  async #call<M extends SessionMethod>(method: M, input: Omit<HostInput<M>, 'sessionId'>): Promise<HostOutput<M>> {
    // Session numbers begin anew in every process: an old one could name somebody else's login.
    if (!this.#open || !this.#host.lives) return refuse('TOKEN_NOT_LOGGED_IN', { serial: this.ref.serial });
    return this.#host.call(method, { ...input, sessionId: this.#sessionId } as HostInput<M>);
  }
}

type Sm2Envelope = Exclude<EnvelopedEncryptionKey, { readonly format: 'rsa-oaep+aes-kwp' | 'skf-rsa-key-blob' }>;

function sm2EnvelopeOf(envelope: Sm2Envelope): { readonly form: Sm2EnvelopeForm; readonly envelope: Uint8Array } {
  switch (envelope.format) {
    case 'gmt0092-csr-response':
      return { form: 'csr-response', envelope: fromBase64(envelope.csrResponse) };
    case 'sm2-enveloped-key':
      return { form: 'enveloped-key', envelope: fromBase64(envelope.envelopedKey) };
    case 'skf-enveloped-key-blob':
      return { form: 'key-blob', envelope: fromBase64(envelope.envelopedKeyBlob) };
  }
}
