/** Which plugged key is meant by `--key`. Rule: never guess; the serial decides, and when two drivers report the same one, the driver too. */
import type { DesktopEngine } from '#shared/contract/desktop/desktop-contract.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { AppError } from '#shared/errors/app-error.ts';

/** @param wanted `serial` or `driver:serial`. @throws TOKEN_NOT_PRESENT, TOKEN_SERIAL_AMBIGUOUS */
export async function findKey(engine: DesktopEngine, wanted: string): Promise<TokenSummary> {
  return chooseKey((await engine.call('tokens.list', undefined)).tokens, wanted);
}

/** @throws TOKEN_NOT_PRESENT, TOKEN_SERIAL_AMBIGUOUS */
export function chooseKey(tokens: readonly TokenSummary[], wanted: string): TokenSummary {
  const matches = tokens.filter(({ ref }) => ref.serial === wanted || `${ref.driverId}:${ref.serial}` === wanted);
  const [only, second] = matches;
  if (only === undefined) throw new AppError('TOKEN_NOT_PRESENT', { serial: wanted });
  if (second !== undefined) throw new AppError('TOKEN_SERIAL_AMBIGUOUS', { keys: matches.map(({ ref }) => `${ref.driverId}:${ref.serial}`) });
  return only;
}
