/**
 * A world in memory for the state machine: keys, a service and toy cryptography, all of which can lose power at any call. Only the order of effects is real here; the
 * real parts are tested in tests/faults.
 */
import type { Account } from '#shared/contract/rest/accounts.ts';
import { fromBase64, toBase64 } from '#shared/bytes/base64.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { toHex } from '#shared/bytes/hex.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { concatBytes } from '#shared/bytes/byte-strings.ts';
import type { DeedJournal } from '../../src-main/journal/deed-record.ts';
import { FREE_PASS } from '../../src-main/ledger/ledger.ts';
import { createLog } from '../../src-main/report/log.ts';
import type { CertificateTools, WritingPorts } from '../../src-main/writing/ports.ts';
import type { Fuse } from './fuse.ts';
import { ModelCa } from './model-ca.ts';
import { FACTORY_ADMIN_PIN, ModelKey, SERIAL, sha256, text, toySeal } from './model-key.ts';

export const ACCOUNT: Account = { id: 'account-1', loginName: 'who', kind: 'organisation', role: 'subscriber', displayName: 'Who', organisationName: null, unifiedSocialCreditCode: null, phone: '13800000000', createdAtUtc: '2026-01-01T00:00:00Z' };

export class ModelWorld {
  readonly ca = new ModelCa();
  key = new ModelKey(SERIAL);
  plugged = true;
  /** Keys come with an administrator PIN that is known. */
  factoryPinKnown = false;
  /** What the ledger of sealed bids lets pass. */
  passLedger: WritingPorts['passLedger'] = async () => FREE_PASS;

  ports(fuse: Fuse, journal: DeedJournal): WritingPorts {
    return {
      tokens: ModelKey.port(() => (this.plugged ? this.key : null), fuse), ca: this.ca.port(fuse), journal: guardedJournal(journal, fuse), crypto: MODEL_CRYPTO, certificates: MODEL_CERTIFICATES,
      log: createLog({ now: () => new Date(), file: null }), now: () => new Date(), requireAccount: () => ACCOUNT, onDeedChanged: () => undefined,
      serviceOrigin: () => 'https://ca.example', factoryAdministratorPin: () => (this.factoryPinKnown ? FACTORY_ADMIN_PIN : null), passLedger: (...asked) => this.passLedger(...asked),
    };
  }

  /** What has been sealed to every encryption certificate that was ever in force. */
  sealedBids(): readonly Uint8Array[] {
    return this.ca.encryptionKeys().map((publicKey) => toySeal(publicKey, text('bid')));
  }
}

let randomCounter = 0;
const MODEL_CRYPTO: CryptoPort = {
  verify: async (_algorithm, publicKey, message, signature) => equalBytes(signature, sha256(concatBytes(publicKey, message))),
  encrypt: async (_algorithm, publicKey, plaintext) => toySeal(publicKey, plaintext),
  digest: (_algorithm, message) => sha256(message),
  randomBytes: (length) => sha256(text(`random ${(randomCounter += 1)}`)).slice(0, length),
};

const MODEL_CERTIFICATES: CertificateTools = {
  readCertificate(der) {
    const { key, usage } = JSON.parse(new TextDecoder().decode(der)) as { key: string; usage: string };
    return { serialHex: toHex(sha256(der)).slice(0, 32), keyAlgorithm: 'rsa-2048', subjectDer: text('subject'), publicKeySpkiDer: fromBase64(key), keyUsages: [usage], isAuthority: false, notBefore: new Date(0), notAfter: new Date(1) };
  },
  verifyChain: async () => ({ valid: true }),
  makeRequest: async (_subject, publicKey, _algorithm, sign) => text(JSON.stringify({ publicKey: toBase64(publicKey), signature: toBase64(await sign(publicKey)) })),
  verifyRequest: async (der) => ({ publicKeySpkiDer: fromBase64((JSON.parse(new TextDecoder().decode(der)) as { publicKey: string }).publicKey) }),
};

const WRITES = ['create', 'note', 'beginStep', 'endStep', 'rewind', 'interrupt', 'resume', 'finish'] as const;
function guardedJournal(journal: DeedJournal, fuse: Fuse): DeedJournal {
  const guarded: Record<string, unknown> = { ...journal };
  for (const name of WRITES) {
    const write = journal[name] as (...args: unknown[]) => unknown;
    guarded[name] = (...args: unknown[]) => fuse.around('journal', () => write(...args));
  }
  return guarded as unknown as DeedJournal;
}
