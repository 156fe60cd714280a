/** Spending an authorization code on one key: the whole set of reasons why it can be refused, and the counting of wrong tries. */
import { AppError } from '#shared/errors/app-error.ts';
import { newId } from '../identifiers.ts';
import { KeptRefusal } from '../transactions.ts';
import type { CodeHasher, CodeRecords, CodeUseRow, Operation } from './code-port.ts';

export interface CodeTry {
  readonly requestId: string;
  readonly operation: Operation;
  readonly code: string;
}

/**
 * The id of the code when it is right; a kept refusal (CODE_WRONG, CODE_VOID) when a try was counted.
 * @throws CODE_NOT_FOR_THIS, CODE_VOID, CODE_EXPIRED
 */
export async function checkCode(codes: CodeRecords, hasher: CodeHasher, attempt: CodeTry, nowMs: number): Promise<{ codeId: string } | KeptRefusal> {
  const code = await codes.newest(attempt.requestId, attempt.operation);
  if (code === null) throw new AppError('CODE_NOT_FOR_THIS');
  if (code.voidedAtMs !== null) throw new AppError('CODE_VOID');
  if (code.expiresAtMs <= nowMs) throw new AppError('CODE_EXPIRED');
  // The try is taken before the digits are compared: guesses sent at once are counted one by one.
  if (!(await codes.takeTry(code.id))) throw new AppError('CODE_VOID');
  if (!hasher.equals(hasher.mac(attempt.code, code.saltHex), code.codeMacHex)) return new KeptRefusal(new AppError('CODE_WRONG', { triesLeft: code.triesLeft - 1 }));
  await codes.giveTryBack(code.id);
  return { codeId: code.id };
}

/** Once per key and request, whichever code it was. @throws CODE_USED_FOR_KEY */
export async function useCode(codes: CodeRecords, use: Omit<CodeUseRow, 'id'>): Promise<CodeUseRow> {
  if ((await codes.useForKey(use.requestId, use.tokenSerial)) !== null) throw new AppError('CODE_USED_FOR_KEY');
  const row = { id: newId(), ...use };
  await codes.insertUse(row);
  return row;
}
