/**
 * Unlocking asks for no old PIN: only for the new one, under the rules of the key's model. PINs live in these fields only. A try of the administrator PIN is
 * spent by each: after a refusal, or with the last one left, it wants a confirmation.
 */
import { Checkbox, Modal, type InputRef } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PinRules, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { AppError } from '#shared/errors/app-error.ts';
import { CODE_DIGITS, CodeField } from './code-field.tsx';
import { ErrorPanel } from './error-panel.tsx';
import { KeyLine } from './key-line.tsx';
import { NewPinFields, UNKNOWN_MODEL_RULES } from './new-pin-fields.tsx';
import { needsAdministratorConfirmation } from '../lib/administrator-tries.ts';
import { checkNewPin } from '../lib/pin-rules.ts';

const NO_PINS = { newPin: '', repeated: '' };

interface NewPinDialogProps {
  readonly open: boolean;
  readonly token: TokenSummary;
  readonly rules: PinRules | null;
  readonly running: boolean;
  readonly error: AppError | null;
  /** Why the deed stopped before; null when it begins. */
  readonly stoppedBy?: AppError | null;
  /** Further than the PIN: the authorization code. */
  readonly askCode?: boolean;
  readonly onSubmit: (answer: { newPin: string; confirmedFewTries: boolean; authorizationCode?: string }) => void;
  readonly onCancel: () => void;
}

export function NewPinDialog({ open, token, rules: modelRules, running, error, stoppedBy = null, askCode = false, onSubmit, onCancel }: NewPinDialogProps) {
  const { t } = useTranslation();
  const [pins, setPins] = useState(NO_PINS);
  const [code, setCode] = useState('');
  const [confirmed, setConfirmed] = useState(false);
  const firstField = useRef<InputRef>(null);
  const rules = modelRules ?? UNKNOWN_MODEL_RULES;
  // There is no old PIN that the new one would have to differ from.
  const checks = checkNewPin(rules, '', pins.newPin, pins.repeated).filter((check) => check.rule !== 'differs');
  const mustConfirm = needsAdministratorConfirmation(error ?? stoppedBy);
  const ready = checks.every((check) => check.kept) && (!mustConfirm || confirmed) && (!askCode || code.length === CODE_DIGITS);

  useEffect(() => {
    if (open) return;
    setPins(NO_PINS);
    setCode('');
    setConfirmed(false);
  }, [open]);

  function submit() {
    if (!ready || running) return;
    onSubmit({ newPin: pins.newPin, confirmedFewTries: mustConfirm && confirmed, ...(askCode ? { authorizationCode: code } : {}) });
    setPins(NO_PINS);
    setConfirmed(false);
  }

  return (
    <Modal open={open} title={t('carryOut.newPin.title')} okText={t('services.unlock.begin')} cancelText={t('common.cancel')} okButtonProps={{ disabled: !ready, loading: running }} cancelButtonProps={{ disabled: running }}
      closable={!running} mask={{ closable: false }} className="bk-dialog" onOk={submit} onCancel={onCancel} afterOpenChange={(shown) => (shown ? firstField.current?.focus() : undefined)} destroyOnHidden>
      <form className="bk-form" onSubmit={(event) => { event.preventDefault(); submit(); }}>
        <KeyLine token={token} />
        {error ? <ErrorPanel error={error} /> : null}
        <p className="bk-secondary">{t('carryOut.newPin.lead')}</p>
        {askCode ? (
          <div className="bk-field">
            <label htmlFor="new-pin-code">{t('issue.code.label')}</label>
            <CodeField id="new-pin-code" value={code} onChange={setCode} />
          </div>
        ) : null}
        <NewPinFields rules={rules} checks={checks} newPin={pins.newPin} repeated={pins.repeated} field={firstField} onChange={setPins} />
        {mustConfirm ? <Checkbox checked={confirmed} onChange={(event) => setConfirmed(event.target.checked)}>{t('carryOut.newPin.confirmTries')}</Checkbox> : null}
        <button type="submit" hidden aria-hidden="true" tabIndex={-1} />
      </form>
    </Modal>
  );
}
