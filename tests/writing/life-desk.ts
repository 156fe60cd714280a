/**
 * A key with a pair in force, and what a person does with it afterwards: one function per deed, from the request to the end of the writing. Before each deed something is
 * sealed to every encryption certificate that the key can open, by the means that other programs have; after it all of that must still open.
 */
import { expect } from 'vitest';
import type { DeedKind } from '#shared/contract/desktop/deed-plans.ts';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import type { KeyPolicy, Request, RequestDraft } from '#shared/contract/rest/requests.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { KEY_ALGORITHMS } from '#shared/crypto/algorithms.ts';
import { sealSm2SessionBy } from '#shared/sm/sm2-session-envelope.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { createDesktopCrypto } from '../../src-main/sm-engine/desktop-crypto.ts';
import { openSmEngine } from '../../src-main/sm-engine/open-engine.ts';
import type { TokenPort } from '../../src-main/token/token-port.ts';
import { refOf, type KeyKind, type TestKey } from '../support/key-kinds.ts';
import { itemOf, type Life, type ReadyRequest } from '../support/life.ts';
import type { Customer } from '../faults/fault-world.ts';

const cryptoPort = createDesktopCrypto(openSmEngine().engine);
export const NEW_PIN = '70315824';
/** The call that sets a new user PIN, and a failure of the device in it. */
export const UNBLOCK_FAILS = { pkcs11: ['C_InitPIN', '0x30'], skf: ['SKF_UnblockPIN', '0x0A000001'] } as const;
/** A change that changes nothing is refused. */
let handlers = 0;

/** Something sealed to an encryption certificate. */
export interface SealedSecret {
  readonly certificateSha256Hex: string;
  readonly secret: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** The signing certificate in force on a key. */
export async function signerInForce(customer: Customer, tokenSerial: string): Promise<{ readonly serialHex: string; readonly sha256Hex: string }> {
  const { items } = await customer.session.ca.searchCertificates({ query: { tokenSerial, state: 'active', limit: 100 } });
  const signer = items.find(({ purpose }) => purpose === 'sign');
  if (!signer) throw new Error(`no certificate is in force on ${tokenSerial}`);
  return signer;
}

/** To every encryption certificate that the account ever had on the key and that was in force. */
export async function sealSecrets(customer: Customer, { algorithm }: KeyKind, tokenSerial: string): Promise<SealedSecret[]> {
  const { items } = await customer.session.ca.searchCertificates({ query: { tokenSerial, limit: 100 } });
  return Promise.all(items.filter(({ purpose, state }) => purpose === 'encrypt' && state !== 'pending').map(async ({ certificateDer, sha256Hex }) => {
    const { publicKeySpkiDer } = parseCertificate(new Uint8Array(Buffer.from(certificateDer, 'base64')));
    const secret = cryptoPort.randomBytes(32);
    const encrypt = (bytes: Uint8Array) => cryptoPort.encrypt(KEY_ALGORITHMS[algorithm].encrypt, publicKeySpkiDer, bytes);
    return { certificateSha256Hex: sha256Hex, secret, ciphertext: algorithm === 'sm2' ? await sealSm2SessionBy(encrypt, secret, (length) => cryptoPort.randomBytes(length)) : await encrypt(secret) };
  }));
}

/** Which of them the key opens: each by the container with that certificate, found by its fingerprint; else by any container. */
export async function opened(tokens: TokenPort, key: TestKey, pin: string, secrets: readonly SealedSecret[]): Promise<string[]> {
  await tokens.list();
  const session = await tokens.logIn(refOf(key), new TextEncoder().encode(pin));
  try {
    const containers = (await session.listContainers()).filter(({ encrypt }) => encrypt.hasPrivateKey);
    const found: string[] = [];
    for (const { secret, ciphertext, certificateSha256Hex } of secrets) {
      for (const { containerId } of containers) {
        const plaintext = await session.decrypt(containerId, 'encrypt', ciphertext).catch(() => null);
        if (plaintext === null || !equalBytes(plaintext, secret)) continue;
        found.push(certificateSha256Hex);
        break;
      }
    }
    return found;
  } finally {
    await session.close();
  }
}

export const expectAllOpen = async (tokens: TokenPort, key: TestKey, pin: string, secrets: readonly SealedSecret[]): Promise<void> => {
  expect((await opened(tokens, key, pin, secrets)).sort()).toEqual(secrets.map((one) => one.certificateSha256Hex).sort());
};

/** What a request of each kind says; `about` is the key whose certificate it is about. */
export async function draftOf(customer: Customer, kind: DeedKind, keyKind: KeyKind, about: TestKey, keyPolicy: KeyPolicy): Promise<RequestDraft> {
  const { serialHex: certificateSerialHex } = await signerInForce(customer, about.serial);
  const common = { certificateSerialHex, tokenModelId: keyKind.modelId };
  switch (kind) {
    case 'renewal': return { kind, ...common, keyPolicy, itemId: await itemOf(customer.session, kind, keyKind.algorithm) };
    case 'change': return { kind, ...common, keyPolicy, itemId: await itemOf(customer.session, kind, keyKind.algorithm), changeKindId: 'handler-or-place', subject: { ...(await subjectOf(customer)), handlerName: `李小标${(handlers += 1)}` } };
    case 'reissue': return { kind, ...common, itemId: await itemOf(customer.session, kind, keyKind.algorithm), revocationReason: 'keyCompromise', oldKeyHandling: 'hold-until-new-works' };
    case 'unlock': return { kind, tokenSerial: about.serial, tokenModelId: keyKind.modelId };
    case 'key-recovery': return { kind, ...common, tokenSerial: about.serial };
    default: throw new Error(`no draft of ${kind}`);
  }
}

async function subjectOf(customer: Customer): Promise<NonNullable<Request['subject']>> {
  const { items } = await customer.session.ca.listOrders({ query: { limit: 1 } });
  const subject = items[0]?.lines[0]?.subject;
  if (!subject) throw new Error('the demo account has no order');
  return subject;
}

/** Whoever calls an engine, in this process or another. */
export interface EngineCaller {
  call<M extends 'requests.riskNotice' | 'requests.acceptRiskNotice'>(method: M, input: DesktopInput<M>): Promise<unknown>;
}

/** From nothing to a code, with the risk notice signed by the key that the request is about. */
export async function readyFor(scene: { readonly life: Life; readonly customer: Customer; readonly engine: EngineCaller; readonly keyKind: KeyKind; readonly about: TestKey; readonly pin: string }, kind: DeedKind, keyPolicy: KeyPolicy = 'new-keys'): Promise<ReadyRequest> {
  const { life, customer, engine, keyKind, about, pin } = scene;
  const accept = async (request: Request) => {
    const { version } = (await engine.call('requests.riskNotice', undefined as never)) as { version: string };
    return engine.call('requests.acceptRiskNotice', { requestId: request.id, noticeVersion: version, token: refOf(about), pin });
  };
  return life.ready(await draftOf(customer, kind, keyKind, about, keyPolicy), kind === 'renewal' || kind === 'change' ? accept : null);
}

/** What a person enters to begin. */
export function startInput(kind: DeedKind, { request, code }: ReadyRequest, keyKind: KeyKind, on: TestKey, pin: string): DesktopInput<'writing.start'> {
  if (kind === 'administrator-pin') throw new Error('not begun like this');
  const pins = kind === 'unlock' ? { newPin: NEW_PIN } : { pin };
  return { kind, requestId: request.id, token: refOf(on), tokenModelId: keyKind.modelId, authorizationCode: code, ...pins };
}

/** What resuming is given, by what the deed says that it needs. */
export function pinsFor(deed: Deed, pin: string): { readonly pin?: string; readonly newPin?: string } {
  const typed = deed.kind === 'unlock' ? NEW_PIN : pin;
  return deed.pinNeeded === 'pin' ? { pin: typed } : deed.pinNeeded === 'new-pin' ? { newPin: typed } : {};
}
