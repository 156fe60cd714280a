/** The calls that only have to do with a key's PIN or its name. The PIN goes into one driver call; whether a try is worth it is asked before (writing/pin-gate.ts). */
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import type { PinState } from '#shared/contract/desktop/tokens.ts';
import type { TokenPort } from '../token/token-port.ts';
import { passPinGate, pinBytes } from '../writing/pin-gate.ts';

/** @throws PIN_INCORRECT, PIN_LOCKED, PIN_NOT_CONFIRMED, TOKEN_* */
export async function checkPin(tokens: TokenPort, input: DesktopInput<'tokens.checkPin'>): Promise<PinState> {
  const { ref, pin } = await tokens.get(input.token);
  passPinGate(pin, input.confirmedFewTries ?? false);
  const session = await tokens.logIn(ref, pinBytes(input.pin));
  await session.close();
  // A list asks the drivers anew; what is remembered of the key is from before the login.
  await tokens.list();
  return (await tokens.get(ref)).pin;
}

/** @throws PIN_INCORRECT, PIN_LOCKED, PIN_NOT_CONFIRMED, PIN_RULE, TOKEN_* */
export async function changePin(tokens: TokenPort, input: DesktopInput<'tokens.changePin'>): Promise<PinState> {
  const { ref, pin } = await tokens.get(input.token);
  passPinGate(pin, input.confirmedFewTries ?? false);
  return tokens.changePin(ref, pinBytes(input.oldPin), pinBytes(input.newPin));
}

/** @throws DRIVER_MECHANISM where the driver cannot, TOKEN_* */
export async function renameLabel(tokens: TokenPort, input: DesktopInput<'tokens.renameLabel'>): Promise<null> {
  const { ref } = await tokens.get(input.token);
  await tokens.renameLabel(ref, input.label.trim());
  await tokens.list();
  return null;
}
