/** PIN state of a key in one line: tries left, locked, not set, must change. */
import { CheckCircleOutlined, LockOutlined, WarningOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import type { PinState } from '#shared/contract/desktop/tokens.ts';
import { pinSeriousness, type PinSeriousness } from '../lib/pin-tries.ts';

const CLASS_OF: Record<PinSeriousness, string> = { calm: 'bk-ok', careful: 'bk-warn', serious: 'bk-warn', last: 'bk-bad', locked: 'bk-bad', unusable: 'bk-bad' };

/** @param named says whose state this is, where no label stands beside it */
export function PinStateText({ pin, named = false }: { pin: PinState; named?: boolean }) {
  const { t } = useTranslation();
  const seriousness = pinSeriousness(pin);
  const icon = seriousness === 'locked' ? <LockOutlined /> : seriousness === 'calm' ? <CheckCircleOutlined /> : <WarningOutlined />;
  return (
    <span className={pin.mustChange && seriousness === 'calm' ? 'bk-warn' : CLASS_OF[seriousness]}>
      {icon} {named ? t('pin.state.named', { state: pinText() }) : pinText()}
      {pin.mustChange ? ` · ${t('pin.state.mustChange')}` : ''}
    </span>
  );

  function pinText(): string {
    if (seriousness === 'locked') return t('pin.state.locked');
    if (seriousness === 'unusable') return t('pin.state.notInitialised');
    if (pin.triesLeft !== null) return t('pin.state.triesLeft', { count: pin.triesLeft });
    if (seriousness === 'last') return t('pin.state.last');
    if (seriousness === 'careful') return t('pin.state.wrongBefore');
    return pin.status === 'unknown' ? t('pin.state.unknown') : t('pin.state.ok');
  }
}
