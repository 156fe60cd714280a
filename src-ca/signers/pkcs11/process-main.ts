/** The signer process: loads one PKCS#11 module, logs in, answers requests one after the other. Ends with its parent. */
import { refuse } from '#shared/errors/app-error.ts';
import { settle } from '#shared/errors/result.ts';
import { openModuleSession, type ModuleSession } from './module-session.ts';
import type { NumberedAnswer, NumberedRequest, SignerAnswer, SignerRequest } from './signer-protocol.ts';

let session: ModuleSession | null = null;

function answer(request: SignerRequest): SignerAnswer {
  if (request.call === 'open') {
    session = openModuleSession(request, request.pin);
    return null;
  }
  const open = session ?? refuse('SIGNER_FAILED', { reason: 'not open' });
  if (request.call === 'find') return open.find(request.keyId);
  if (request.call === 'generate') return open.generate(request.keyId, request.key);
  return open.sign(request.keyId, request.input);
}

process.on('message', (message: NumberedRequest) => {
  void settle(() => answer(message.request)).then((result) => {
    const numbered: NumberedAnswer = { id: message.id, result };
    process.send?.(numbered);
  });
});
process.on('disconnect', () => process.exit(0));
