/** What a certificate is for, in words. */
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';

export function usePurposeName(): (purpose: string) => string {
  const { t } = useTranslation();
  return useCallback((purpose) => (purpose === 'sign' || purpose === 'encrypt' || purpose === 'other' ? t(`certificate.purpose.${purpose}`) : purpose), [t]);
}
