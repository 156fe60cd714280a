/** Check of the UKey model profiles: schema, picture, and the rules across models. Called by `npm run check`. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '#shared/errors/app-error.ts';
import { lintUkeyModels } from '../../src-main/ukey-models/lint-ukey-models.ts';
import { loadUkeyModels } from '../../src-main/ukey-models/load-ukey-models.ts';

const MODELS_FOLDER = fileURLToPath(new URL('../../resources/ukey-models', import.meta.url));

/** @returns what is wrong, one line each; empty when all is well */
export async function checkUkeyModels(folder: string = MODELS_FOLDER): Promise<string[]> {
  try {
    const models = await loadUkeyModels(folder);
    if (models.length === 0) return [`no models in ${folder}`];
    return lintUkeyModels(models.map((model) => model.profile));
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return [`${join(folder, String(thrown.details['file'] ?? ''))}: ${String(thrown.details['reason'] ?? thrown.message)}`];
  }
}
