/** Names of UKey models in the language of the screens. */
import type { Language } from '#shared/contract/desktop/desktop-contract.ts';
import type { UkeyModel } from '#shared/contract/desktop/tokens.ts';

export function modelName(model: UkeyModel, language: Language): string {
  return language === 'zh-CN' ? model.nameZh : model.nameEn;
}

export function modelVendor(model: UkeyModel, language: Language): string {
  return language === 'zh-CN' ? model.vendorZh : model.vendorEn;
}
