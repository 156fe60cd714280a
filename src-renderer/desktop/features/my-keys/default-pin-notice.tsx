/** A key that still has the PIN it was handed out with: to be changed, or knowingly kept. */
import { Alert, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { QUERY_KEYS } from '../../../lib/queries.ts';
import { useAction } from '../../../lib/use-action.ts';

export function DefaultPinNotice({ token, onChange }: { token: TokenSummary; onChange: () => void }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const keep = useAction(async (kept: boolean) => {
    await engine.call('keys.keepDefaultPin', { token: token.ref, keep: kept });
    void client.invalidateQueries({ queryKey: QUERY_KEYS.tokens });
  });
  if (token.defaultPin === undefined) return null;
  const error = keep.error ? <ErrorPanel error={keep.error} /> : null;
  if (token.defaultPin === 'kept') {
    return <p className="bk-secondary">{t('keyCard.defaultPinKept')} <Button size="small" type="link" loading={keep.running} onClick={() => void keep.run(false)}>{t('keyCard.takeBackKept')}</Button>{error}</p>;
  }
  return (
    <>
      <Alert type="warning" showIcon title={t('keyCard.defaultPin')}
        action={<><Button size="small" type="primary" onClick={onChange}>{t('keys.changePin')}</Button> <Button size="small" loading={keep.running} onClick={() => void keep.run(true)}>{t('keyCard.keepDefaultPin')}</Button></>} />
      {error}
    </>
  );
}
