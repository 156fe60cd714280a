/** Something is on its way. Said to screen readers; drawn without motion that could be mistaken for progress of a writing. */
import { Spin } from 'antd';
import { useTranslation } from 'react-i18next';

export function Loading({ what }: { what?: string }) {
  const { t } = useTranslation();
  return (
    <div className="bk-loading" role="status">
      <Spin />
      <span>{what ?? t('common.loading')}</span>
    </div>
  );
}
