/** The challenge of a request, by its kind: for the certificate that is to end, or for the key that is being unlocked. */
import type { KeyChallenge } from '#shared/contract/rest/certificates.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { challengeForUnlock, type ReleasePorts } from '../administrator-pins/release-pin.ts';
import type { Caller } from '../caller.ts';
import { challengeForConfirmation, ownRequest, type ConfirmPorts } from './confirm-request.ts';

/** @throws NOT_FOUND, REQUEST_STATE, CONFIRMATION_NOT_BY_KEY, CERTIFICATE_STATE */
export async function createRequestChallenge(ports: ConfirmPorts & ReleasePorts, caller: Caller, requestId: string): Promise<KeyChallenge> {
  const request = await ports.transactions.read(({ requests }) => ownRequest(requests, caller, requestId));
  if (request.kind === 'unlock') return await challengeForUnlock(ports, caller, request);
  if (request.kind === 'revocation' || request.kind === 'suspension') return await challengeForConfirmation(ports, caller, request);
  throw new AppError('CONFIRMATION_NOT_BY_KEY', { kind: request.kind });
}
