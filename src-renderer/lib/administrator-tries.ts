/** When a try of the administrator PIN needs the person's word: one that was refused must not be tried on until the PIN is locked and the key's contents are lost. */
import type { AppError } from '#shared/errors/app-error.ts';

/** @param last what the latest attempt was refused with; null when there was none */
export function needsAdministratorConfirmation(last: Pick<AppError, 'code'> | null): boolean {
  return last?.code === 'ADMIN_PIN_INCORRECT' || last?.code === 'PIN_NOT_CONFIRMED';
}
