/** The sentence of a result code of GM/T 0016 (SAR_…): resources/locales/<language>/skf-results.json. */
import { useTranslation } from 'react-i18next';

/** @returns null for what is no such code */
export function useSkfResultText(): (returnCode: unknown) => string | null {
  const { t, i18n } = useTranslation('skf-results');
  return (returnCode) => (typeof returnCode === 'string' && i18n.exists(returnCode, { ns: 'skf-results' }) ? t(returnCode) : null);
}
