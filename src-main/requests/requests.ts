/** Requests as the desktop contract offers them; entry of this folder. Rule: whatever ends the use of a key asks the ledger of sealed bids first. */
import { randomUUID } from 'node:crypto';
import type { DesktopInput, DesktopOutput, Language } from '#shared/contract/desktop/desktop-contract.ts';
import type { Account } from '#shared/contract/rest/accounts.ts';
import { RISK_NOTICE_LABEL, type Request } from '#shared/contract/rest/requests.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { CaCaller } from '../ca-client/ca-client.ts';
import type { LedgerGate } from '../ledger/ledger.ts';
import { checkedChallenge, findSigningCertificate, signWithKey, type KeyUse, type SigningCertificate } from '../session/key-signature.ts';
import type { TokenPort } from '../token/token-port.ts';
import { readMaterial } from './read-material.ts';
import { requestsForKey } from './requests-for-key.ts';
import { riskNoticeIn } from './risk-notice.ts';

export interface RequestPorts {
  readonly ca: CaCaller;
  readonly tokens: TokenPort;
  readonly ledger: LedgerGate;
  readonly now: () => Date;
  readonly language: () => Language;
  /** @throws CA_NOT_CONFIGURED */
  readonly serviceOrigin: () => string;
  /** @throws NOT_SIGNED_IN */
  readonly requireAccount: () => Account;
}

export type RequestMethod =
  | 'requests.list' | 'requests.get' | 'requests.forKey' | 'requests.create' | 'requests.update' | 'requests.submit' | 'requests.withdraw' | 'requests.cancel' | 'requests.resendCode'
  | 'requests.addMaterial' | 'requests.getMaterial' | 'requests.removeMaterial' | 'requests.riskNotice' | 'requests.acceptRiskNotice' | 'requests.confirmByKey' | 'requests.confirmByCode';
export type RequestHandlers = { readonly [M in RequestMethod]: (input: DesktopInput<M>) => Promise<DesktopOutput<M>> | DesktopOutput<M> };

export function createRequests(ports: RequestPorts): RequestHandlers {
  const { ca } = ports;
  const params = ({ requestId }: { readonly requestId: string }) => ({ params: { requestId } });
  return {
    'requests.list': (input) => ca.listRequests({ query: input }),
    'requests.get': (input) => ca.getRequest(params(input)),
    'requests.forKey': (input) => requestsForKey(ports, input.token),
    'requests.create': ({ draft }) => ca.createRequest({ body: draft, idempotencyKey: randomUUID() }),
    'requests.update': ({ requestId, change }) => ca.updateRequest({ params: { requestId }, body: change }),
    'requests.submit': (input) => ca.submitRequest(params(input)),
    'requests.withdraw': (input) => ca.withdrawRequest(params(input)),
    'requests.cancel': (input) => ca.cancelRequest({ ...params(input), idempotencyKey: randomUUID() }),
    'requests.resendCode': (input) => ca.resendAuthorizationCode({ ...params(input), idempotencyKey: randomUUID() }),
    'requests.addMaterial': async ({ requestId, materialKindId, source }) => ca.addMaterial({ params: { requestId }, body: { materialKindId, ...(await readMaterial(source)) }, idempotencyKey: randomUUID() }),
    'requests.getMaterial': ({ requestId, materialId }) => ca.getMaterial({ params: { requestId, materialId } }),
    'requests.removeMaterial': ({ requestId, materialId }) => ca.removeMaterial({ params: { requestId, materialId } }),
    'requests.riskNotice': () => riskNoticeIn(ports.language()),
    'requests.acceptRiskNotice': (input) => acceptRiskNotice(ports, input),
    'requests.confirmByKey': (input) => confirmByKey(ports, input),
    'requests.confirmByCode': (input) => confirmByCode(ports, input),
  };
}

/** @throws RISK_NOTICE_VERSION, REQUEST_OTHER_KEY, KEY_NO_SIGNING_CERTIFICATE, PIN_*, TOKEN_*, REQUEST_* */
async function acceptRiskNotice(ports: RequestPorts, input: DesktopInput<'requests.acceptRiskNotice'>): Promise<Request> {
  const { version } = riskNoticeIn(ports.language());
  if (input.noticeVersion !== version) throw new AppError('RISK_NOTICE_VERSION', { version });
  const request = await ports.ca.getRequest({ params: { requestId: input.requestId } });
  const signer = await certificateOfRequest(ports, request, input);
  const message = new TextEncoder().encode(`${RISK_NOTICE_LABEL}\0${request.id}\0${version}`);
  const signature = await signWithKey(ports.tokens, input, signer, message);
  return ports.ca.acceptRiskNotice({ params: { requestId: request.id }, body: { noticeVersion: version, certificateSerialHex: request.certificateSerialHex ?? signer.certificate.serialHex, signature } });
}

/** @throws CONFIRMATION_NOT_BY_KEY, LEDGER_*, REQUEST_OTHER_KEY, KEY_NO_SIGNING_CERTIFICATE, KEY_CHALLENGE_REFUSED, PIN_*, TOKEN_*, REQUEST_*, CHALLENGE_* */
async function confirmByKey(ports: RequestPorts, input: DesktopInput<'requests.confirmByKey'>): Promise<DesktopOutput<'requests.confirmByKey'>> {
  ports.requireAccount();
  const request = await ports.ca.getRequest({ params: { requestId: input.requestId } });
  const signer = await certificateOfRequest(ports, request, input);
  const { certificate } = signer;
  const deed = endingDeed(request);
  if (deed === null) throw new AppError('CONFIRMATION_NOT_BY_KEY', { kind: request.kind });
  const pass = await ports.ledger.pass({ deed, token: input.token, certificateSha256: [certificate.sha256Hex] }, input.ledgerAnswer ?? null);
  const challenge = await ports.ca.createRequestChallenge({ params: { requestId: request.id } });
  const message = checkedChallenge(challenge, deed, ports.serviceOrigin(), certificate);
  const signature = await signWithKey(ports.tokens, input, signer, message);
  pass.spend();
  return ports.ca.confirmRequestByKey({ params: { requestId: request.id }, body: { challengeId: challenge.challengeId, signature } });
}

/** @throws LEDGER_*, REQUEST_*, CODE_* */
async function confirmByCode(ports: RequestPorts, input: DesktopInput<'requests.confirmByCode'>): Promise<DesktopOutput<'requests.confirmByCode'>> {
  const request = await ports.ca.getRequest({ params: { requestId: input.requestId } });
  const deed = endingDeed(request);
  const pass = deed === null ? null : await ports.ledger.pass({ deed, ...(request.tokenSerial === null ? {} : { tokenSerial: request.tokenSerial }) }, input.ledgerAnswer ?? null);
  pass?.spend();
  try {
    return await ports.ca.confirmRequestByCode({ params: { requestId: request.id }, body: { authorizationCode: input.authorizationCode }, idempotencyKey: randomUUID() });
  } catch (thrown) {
    // A mistyped code, or no answer: the same deed may be tried again.
    pass?.giveBack();
    throw thrown;
  }
}

/** A release ends nothing. */
function endingDeed({ kind }: Request): 'revocation' | 'suspension' | null {
  return kind === 'revocation' || kind === 'suspension' ? kind : null;
}

/** The certificate that the request is about, on the plugged key. @throws REQUEST_OTHER_KEY, KEY_NO_SIGNING_CERTIFICATE */
async function certificateOfRequest({ tokens }: RequestPorts, request: Request, use: KeyUse): Promise<SigningCertificate> {
  if (request.tokenSerial !== null && request.tokenSerial !== use.token.serial) return refuse('REQUEST_OTHER_KEY', { wanted: 'same', wantedSerial: request.tokenSerial });
  return findSigningCertificate(tokens, use.token, request.certificateSerialHex === null ? {} : { serialHex: request.certificateSerialHex });
}
