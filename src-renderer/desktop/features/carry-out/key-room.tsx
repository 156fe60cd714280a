/** Whether a new pair fits beside the old one, before anything is begun; if not, what may go. The old encryption key is what opens bids sealed before. */
import { Alert, Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import { useQuery } from '@tanstack/react-query';
import type { OldPairWish } from '#shared/contract/desktop/deeds.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { Request } from '#shared/contract/rest/requests.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { useEngine } from '../../../lib/engine.tsx';

export function KeyRoom({ token, request, value, onChange }: { token: TokenSummary; request: Request; value: OldPairWish; onChange: (wish: OldPairWish) => void }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const room = useQuery({
    queryKey: ['room', token.ref, request.id],
    queryFn: () => engine.call('writing.room', { token: token.ref, keyAlgorithm: request.keyAlgorithm, ...(request.keyPolicy === null ? {} : { keyPolicy: request.keyPolicy }) }),
    staleTime: 0,
  });
  if (room.error) return <ErrorPanel error={room.error} onRetry={() => void room.refetch()} />;
  return (
    <div className="bk-stack" aria-live="polite">
      {room.data?.fits === false ? <Alert type="error" showIcon title={t('carryOut.room.full')} description={t('carryOut.room.fullNext')} /> : null}
      {room.data?.fits === null ? <Alert type="info" showIcon title={t('carryOut.room.unknown')} /> : null}
      <fieldset className="bk-stack">
        <legend>{t('carryOut.oldPair.title')}</legend>
        <Radio.Group className="bk-choices" value={value} onChange={(event) => onChange(event.target.value as OldPairWish)}
          options={(['keep', 'keep-none'] as const).map((wish) => ({ value: wish, label: <>{t(`carryOut.oldPair.${wish}.title`)}<span className="bk-secondary"> {t(`carryOut.oldPair.${wish}.meaning`)}</span></> }))} />
      </fieldset>
    </div>
  );
}
