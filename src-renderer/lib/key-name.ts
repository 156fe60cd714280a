/** What a key is called in one line: its model's name, else what the driver calls it. */
import type { Language } from '#shared/contract/desktop/desktop-contract.ts';
import type { TokenRef, TokenSummary, UkeyModel } from '#shared/contract/desktop/tokens.ts';
import { modelName } from './model-name.ts';

export function modelOf(token: TokenSummary, models: readonly UkeyModel[]): UkeyModel | null {
  return models.find((model) => model.id === token.modelId) ?? null;
}

export function keyName(token: TokenSummary, models: readonly UkeyModel[], language: Language): string {
  const model = modelOf(token, models);
  return model ? modelName(model, language) : token.hardwareModel || token.manufacturer || token.label;
}

export function sameKey(a: TokenRef, b: TokenRef): boolean {
  return a.driverId === b.driverId && a.serial === b.serial;
}
