/** The key that a deed was begun on, whatever driver reports it now. */
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { TokenPort } from '../token/token-port.ts';

/** @throws DEED_WRONG_KEY when only other keys are plugged in, TOKEN_NOT_PRESENT when none is, TOKEN_SERIAL_AMBIGUOUS */
export async function findTokenBySerial(serial: string, tokens: TokenPort): Promise<TokenSummary> {
  const { tokens: plugged } = await tokens.list();
  const matching = plugged.filter((one) => one.ref.serial === serial);
  if (matching.length > 1) throw new AppError('TOKEN_SERIAL_AMBIGUOUS', { serial });
  if (matching[0]) return matching[0];
  if (plugged.length > 0) throw new AppError('DEED_WRONG_KEY', { wantedSerial: serial, foundSerials: plugged.map((one) => one.ref.serial) });
  throw new AppError('TOKEN_NOT_PRESENT', { serial });
}
