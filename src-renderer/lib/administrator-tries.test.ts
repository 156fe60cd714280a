/** The administrator PIN is not spent unasked. */
import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors/app-error.ts';
import { needsAdministratorConfirmation } from './administrator-tries.ts';

describe('a try of the administrator PIN', () => {
  it('ok: the first one needs no confirmation, nor one after something else went wrong', () => {
    for (const last of [null, new AppError('TOKEN_REMOVED'), new AppError('CA_UNREACHABLE')]) expect(needsAdministratorConfirmation(last)).toBe(false);
  });

  it('refuses: another one after a refusal, and the last one, without confirmation', () => {
    for (const code of ['ADMIN_PIN_INCORRECT', 'PIN_NOT_CONFIRMED'] as const) expect(needsAdministratorConfirmation(new AppError(code))).toBe(true);
  });
});
