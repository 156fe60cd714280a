/**
 * What each kind of deed asks of request and key before its code is spent: one row per kind. `beforeRequest` looks at the input only, `beforeLogin` at request and
 * key as they show themselves to everyone, `beforeStart` at the open key; what it answers goes into the journal.
 */
import type { DeedKind } from '#shared/contract/desktop/deed-plans.ts';
import type { LedgerDeed } from '#shared/contract/desktop/ledger.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { toBase64 } from '#shared/bytes/base64.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { DeedPlanFacts } from '../journal/deed-record.ts';
import { FREE_PASS, type LedgerPass } from '../ledger/ledger.ts';
import type { KeyContainer, TokenSession } from '../token/token-port.ts';
import { passAdministratorGate } from './administrator-pin.ts';
import { findCertificateHolder } from './old-pair.ts';
import { lostKeyQuestion } from './ask-ledger-again.ts';
import type { WritingPorts } from './ports.ts';
import { requireAgreement, requireExactAgreement } from './present-certificates.ts';
import type { WantedWriting } from './request-facts.ts';
import { requireRemovable, requireRoom } from './room.ts';
import type { StartInput } from './start-deed.ts';

export interface StartScene {
  readonly input: StartInput;
  readonly summary: TokenSummary;
  readonly wanted: WantedWriting;
  readonly ports: WritingPorts;
}

interface StartFacts {
  readonly planFacts: DeedPlanFacts;
  /** Null: new keys in a container of their own. */
  readonly containerId: string | null;
}

export interface StartRule {
  /** user: the key is opened with the user PIN; none: it is locked or need not be open. */
  readonly pin: 'user' | 'none';
  beforeRequest(input: StartInput, summary: TokenSummary): void;
  /** @returns what the ledger of sealed bids lets pass; spent when the deed is created */
  beforeLogin(scene: StartScene): Promise<LedgerPass>;
  beforeStart(scene: StartScene, session: TokenSession | null): Promise<StartFacts>;
}

/** New keys for a certificate that is on no key yet, or on one that is lost. */
const onFreshKeys = (ledgerAsked: boolean): StartRule => ({
  pin: 'user',
  beforeRequest: (input, summary) => requireAgreement(summary, input.agreedToAddBesideCertificates ?? []),
  async beforeLogin(scene) {
    requireAlgorithm(scene);
    if (!ledgerAsked) {
      requireKeyOfRequest(scene);
      return FREE_PASS;
    }
    const pass = await passLedgerOfLostKey(scene);
    await requireRoom(scene.ports.tokens, scene.summary.ref, scene.wanted.keyAlgorithm, false);
    return pass;
  },
  async beforeStart({ input, summary, ports }, session) {
    requireExactAgreement(summary, await openContainers(session), input.agreedToAddBesideCertificates ?? [], ports.crypto);
    return { planFacts: {}, containerId: null };
  },
});

const onItsOwnKey = (kind: 'renewal' | 'change'): StartRule => ({
  pin: 'user',
  beforeRequest(input) {
    const takesAway = input.oldPair === 'keep-none' || (input.removeFirst ?? []).length > 0;
    if (takesAway && input.agreedToEscrowOnly !== true) throw new AppError('DEED_ESCROW_NOT_AGREED');
  },
  async beforeLogin(scene) {
    requireAlgorithm(scene);
    requireKeyOfRequest(scene);
    const { input, wanted, summary, ports } = scene;
    // A history pair that goes for room is one that bids may depend on, too.
    const pass = await passLedger(scene, kind, input.oldPair === 'keep-none' || (input.removeFirst ?? []).length > 0);
    if (wanted.keyPolicy === 'new-keys') await requireRoom(ports.tokens, summary.ref, wanted.keyAlgorithm, (input.removeFirst ?? []).length > 0);
    return pass;
  },
  async beforeStart({ input, wanted, ports }, session) {
    const old = session && wanted.certificateSerialHex !== null ? await findCertificateHolder(wanted.certificateSerialHex, session, ports) : null;
    if (wanted.keyPolicy === 'same-keys') return sameKeys(old, wanted);
    const removeFirst = input.removeFirst ?? [];
    await requireRemovable(removeFirst, await openContainers(session), old?.containerId ?? null, ports);
    return { planFacts: { oldContainerId: holdsOldKey(old) ? old.containerId : null, oldPair: input.oldPair ?? 'keep', removeFirst: [...removeFirst] }, containerId: null };
  },
});

const UNLOCK: StartRule = {
  pin: 'none',
  beforeRequest(input, summary) {
    if (input.newPin === undefined) throw new AppError('INPUT_INVALID', { fields: ['/newPin'] });
    const strategy = summary.unlock?.strategy ?? 'none';
    if (strategy !== 'so-init-pin' && strategy !== 'skf-unblock') throw new AppError('UNLOCK_NOT_HERE', { strategy });
  },
  async beforeLogin(scene) {
    requireKeyOfRequest(scene);
    // A locked administrator PIN is the end of this key: the code stays unspent.
    passAdministratorGate(await scene.ports.tokens.adminPinState(scene.summary.ref), scene.input.confirmedFewTries ?? false);
    return passLedger(scene, 'unlock', false);
  },
  beforeStart: async () => ({ planFacts: {}, containerId: null }),
};

const KEY_RECOVERY: StartRule = {
  pin: 'user',
  beforeRequest: () => undefined,
  async beforeLogin(scene) {
    requireKeyOfRequest(scene);
    const pass = await passLedger(scene, 'key-recovery', false);
    await requireRoom(scene.ports.tokens, scene.summary.ref, scene.wanted.keyAlgorithm, false);
    return pass;
  },
  beforeStart: async () => ({ planFacts: {}, containerId: null }),
};

export const START_RULES: Readonly<Record<Exclude<DeedKind, 'administrator-pin'>, StartRule>> = {
  'new-issue': onFreshKeys(false), reissue: onFreshKeys(true), renewal: onItsOwnKey('renewal'), change: onItsOwnKey('change'), unlock: UNLOCK, 'key-recovery': KEY_RECOVERY,
};

/** A key that cannot have the keys of the project would fail only after the code was spent. @throws DRIVER_MECHANISM */
function requireAlgorithm({ summary: { keyAlgorithms, modelId }, wanted: { keyAlgorithm } }: StartScene): void {
  if (keyAlgorithms !== undefined && !keyAlgorithms.includes(keyAlgorithm)) throw new AppError('DRIVER_MECHANISM', { mechanism: keyAlgorithm, modelId });
}

/** @throws REQUEST_OTHER_KEY */
function requireKeyOfRequest({ summary: { ref }, wanted: { tokenSerial } }: StartScene): void {
  if (tokenSerial !== null && tokenSerial !== ref.serial) throw new AppError('REQUEST_OTHER_KEY', { wanted: 'same', wantedSerial: tokenSerial, foundSerial: ref.serial });
}

function passLedger({ input, summary, wanted, ports }: StartScene, deed: LedgerDeed, removesContents: boolean): Promise<LedgerPass> {
  return ports.passLedger({ deed, token: summary.ref, removesContents, ...(wanted.keyPolicy === null ? {} : { keyPolicy: wanted.keyPolicy }) }, input.ledgerAnswer ?? null);
}

/** A reissue is about the key that is lost or broken, not about the one that is plugged in. */
async function passLedgerOfLostKey({ input, wanted, ports }: StartScene): Promise<LedgerPass> {
  if (wanted.certificateSerialHex === null) return FREE_PASS;
  return ports.passLedger(await lostKeyQuestion(wanted.certificateSerialHex, ports.ca), input.ledgerAnswer ?? null);
}

async function openContainers(session: TokenSession | null): Promise<readonly KeyContainer[]> {
  return (await session?.listContainers()) ?? [];
}

const holdsOldKey = (old: KeyContainer | null): old is KeyContainer => old !== null && old.encrypt.hasPrivateKey && old.encrypt.certificateDer !== null;

/** Both keys must be there, in a container that BidKey may write to; its certificates are kept for giving up. @throws KEY_NOT_FOUND */
function sameKeys(old: KeyContainer | null, { certificateSerialHex }: WantedWriting): StartFacts {
  const whole = old !== null && /^[0-9a-f]{32}$/.test(old.containerId) && old.sign.hasPrivateKey && old.encrypt.hasPrivateKey;
  if (!whole || !old.sign.certificateDer || !old.encrypt.certificateDer) throw new AppError('KEY_NOT_FOUND', { certificateSerialHex, purpose: 'sign' });
  return { planFacts: { oldContainerId: old.containerId, oldSignCertificateDer: toBase64(old.sign.certificateDer), oldEncryptionCertificateDer: toBase64(old.encrypt.certificateDer) }, containerId: old.containerId };
}
