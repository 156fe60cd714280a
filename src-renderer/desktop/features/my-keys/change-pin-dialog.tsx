/** Change the key's password: the rules stand there before anything is typed, and each is ticked as it is kept. PINs live in these fields only. */
import { Alert, App, Checkbox, Modal, type InputRef } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import type { PinRules, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { KeyLine } from '../../../components/key-line.tsx';
import { NewPinFields, PinField, UNKNOWN_MODEL_RULES } from '../../../components/new-pin-fields.tsx';
import { PinStateText } from '../../../components/pin-state-text.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { checkNewPin } from '../../../lib/pin-rules.ts';
import { needsTryConfirmation } from '../../../lib/pin-tries.ts';
import { QUERY_KEYS } from '../../../lib/queries.ts';
import { useAction } from '../../../lib/use-action.ts';

const NO_PINS = { oldPin: '', newPin: '', repeated: '' };

interface ChangePinDialogProps {
  readonly open: boolean;
  readonly token: TokenSummary;
  readonly rules: PinRules | null;
  readonly onClose: () => void;
}

export function ChangePinDialog({ open, token, rules: modelRules, onClose }: ChangePinDialogProps) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const engine = useEngine();
  const client = useQueryClient();
  const [pins, setPins] = useState(NO_PINS);
  const [confirmed, setConfirmed] = useState(false);
  const firstField = useRef<InputRef>(null);
  const rules = modelRules ?? UNKNOWN_MODEL_RULES;
  const checks = checkNewPin(rules, pins.oldPin, pins.newPin, pins.repeated);

  const change = useAction(async (oldPin: string, newPin: string, confirmedFewTries: boolean) => {
    try {
      await engine.call('tokens.changePin', { token: token.ref, oldPin, newPin, confirmedFewTries });
    } finally {
      void client.invalidateQueries({ queryKey: QUERY_KEYS.tokens });
    }
    void message.success(t('pin.changed'));
    onClose();
  });
  const { clear } = change;
  const mustConfirm = needsTryConfirmation(token.pin) || change.error?.code === 'PIN_NOT_CONFIRMED';
  const ready = pins.oldPin !== '' && checks.every((check) => check.kept) && (!mustConfirm || confirmed);

  useEffect(() => {
    if (open) return;
    setPins(NO_PINS);
    setConfirmed(false);
    clear();
  }, [open, clear]);

  function submit() {
    if (!ready || change.running) return;
    void change.run(pins.oldPin, pins.newPin, mustConfirm && confirmed);
    setPins(NO_PINS);
    setConfirmed(false);
  }

  return (
    <Modal
      open={open}
      title={t('pin.change.title')}
      okText={t('pin.change.ok')}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: !ready, loading: change.running }}
      cancelButtonProps={{ disabled: change.running }}
      closable={!change.running}
      mask={{ closable: false }}
      className="bk-dialog"
      onOk={submit}
      onCancel={onClose}
      afterOpenChange={(shown) => (shown ? firstField.current?.focus() : undefined)}
      destroyOnHidden
    >
      <form className="bk-form" onSubmit={(event) => { event.preventDefault(); submit(); }}>
        <KeyLine token={token} />
        {change.error ? <ErrorPanel error={change.error} /> : null}
        {token.pin.mustChange ? <Alert type="warning" showIcon title={t('pin.notice.mustChange')} /> : null}
        <PinField label={t('pin.change.old')} hint={<PinStateText pin={token.pin} named />} value={pins.oldPin} field={firstField} onChange={(oldPin) => setPins({ ...pins, oldPin })} />
        <NewPinFields rules={rules} checks={checks} newPin={pins.newPin} repeated={pins.repeated} onChange={(changed) => setPins({ ...pins, ...changed })} />
        {mustConfirm ? <Checkbox checked={confirmed} onChange={(event) => setConfirmed(event.target.checked)}>{t('pin.confirmFewTries')}</Checkbox> : null}
        <button type="submit" hidden aria-hidden="true" tabIndex={-1} />
      </form>
    </Modal>
  );
}
