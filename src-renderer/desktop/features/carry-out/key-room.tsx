/** Whether a new pair fits beside the old one, before anything is begun; if not, what may go. The old encryption key is what opens bids sealed before. */
import { Alert, Button, Checkbox, Radio } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from '@tanstack/react-query';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import type { OldPairWish, RemovablePair } from '#shared/contract/desktop/deeds.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { Request } from '#shared/contract/rest/requests.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { PinDialog, type PinAnswer } from '../../../components/pin-dialog.tsx';
import { beijingDate } from '../../../lib/beijing-time.ts';
import { commonNameOf } from '../../../lib/distinguished-name.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { useAction } from '../../../lib/use-action.ts';
import type { RoomWish } from './room-wish.ts';

interface KeyRoomProps {
  readonly token: TokenSummary;
  readonly request: Request;
  readonly value: RoomWish;
  readonly onChange: (wish: RoomWish) => void;
}

export function KeyRoom({ token, request, value, onChange }: KeyRoomProps) {
  const { t } = useTranslation();
  const engine = useEngine();
  const question = { token: token.ref, keyAlgorithm: request.keyAlgorithm, ...(request.keyPolicy === null ? {} : { keyPolicy: request.keyPolicy }) };
  const room = useQuery({ queryKey: ['room', token.ref, request.id], queryFn: () => engine.call('writing.room', question), staleTime: 0 });
  const takesAway = value.oldPair === 'keep-none' || value.removeFirst.length > 0;
  if (room.error) return <ErrorPanel error={room.error} onRetry={() => void room.refetch()} />;
  return (
    <div className="bk-stack" aria-live="polite">
      {room.data?.fits === false ? <MakeRoom token={token} question={question} value={value} onChange={onChange} /> : null}
      {room.data?.fits === null ? <Alert type="info" showIcon title={t('carryOut.room.unknown')} /> : null}
      <fieldset className="bk-stack">
        <legend>{t('carryOut.oldPair.title')}</legend>
        <Radio.Group className="bk-choices" value={value.oldPair} onChange={(event) => onChange({ ...value, oldPair: event.target.value as OldPairWish })}
          options={(['keep', 'keep-none'] as const).map((wish) => ({ value: wish, label: <>{t(`carryOut.oldPair.${wish}.title`)}<span className="bk-secondary"> {t(`carryOut.oldPair.${wish}.meaning`)}</span></> }))} />
      </fieldset>
      {takesAway ? <Checkbox checked={value.agreed} onChange={(event) => onChange({ ...value, agreed: event.target.checked })}>{t('carryOut.room.escrowOnly')}</Checkbox> : null}
    </div>
  );
}

type RoomQuestion = Omit<DesktopInput<'writing.room'>, 'pin' | 'confirmedFewTries'>;

/** What could go is seen with the PIN only. */
function MakeRoom({ token, question, value, onChange }: { token: TokenSummary; question: RoomQuestion; value: RoomWish; onChange: (wish: RoomWish) => void }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const [asking, setAsking] = useState(false);
  const [removable, setRemovable] = useState<readonly RemovablePair[] | null>(null);
  const look = useAction(async ({ pin, confirmedFewTries }: PinAnswer) => {
    setRemovable((await engine.call('writing.room', { ...question, pin, confirmedFewTries })).removable);
    setAsking(false);
  });
  const toggle = (containerId: string, taken: boolean) => onChange({ ...value, removeFirst: taken ? [...value.removeFirst, containerId] : value.removeFirst.filter((one) => one !== containerId) });
  return (
    <>
      <Alert type="error" showIcon title={t('carryOut.room.full')} description={t('carryOut.room.fullNext')} action={removable === null ? <Button onClick={() => setAsking(true)}>{t('carryOut.room.look')}</Button> : null} />
      {removable?.length === 0 ? <p className="bk-warn">{t('carryOut.room.nothing')}</p> : null}
      {removable && removable.length > 0 ? (
        <fieldset className="bk-stack">
          <legend>{t('carryOut.room.choose')}</legend>
          {removable.map((pair) => (
            <Checkbox key={pair.containerId} checked={value.removeFirst.includes(pair.containerId)} onChange={(event) => toggle(pair.containerId, event.target.checked)}>
              {t('carryOut.room.pair', { name: commonNameOf(pair.subject), date: beijingDate(pair.notAfterUtc) })}
            </Checkbox>
          ))}
        </fieldset>
      ) : null}
      <PinDialog open={asking} title={t('carryOut.room.lookTitle')} okText={t('carryOut.room.look')} token={token} running={look.running} error={look.error} onSubmit={(answer) => void look.run(answer)}
        onCancel={() => {
          setAsking(false);
          look.clear();
        }} />
    </>
  );
}
