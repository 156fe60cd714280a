/**
 * Asks for the key's password, once, for one call. Says which key, how many tries are left and how serious that is; at two left it wants a
 * confirmation. The PIN lives in this dialog's field only: it is emptied with every submit, and nothing tries again by itself.
 */
import { Alert, Checkbox, Input, Modal, type InputRef } from 'antd';
import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { AppError } from '#shared/errors/app-error.ts';
import { needsTryConfirmation, pinSeriousness } from '../lib/pin-tries.ts';
import { CODE_DIGITS, CodeField } from './code-field.tsx';
import { ErrorPanel } from './error-panel.tsx';
import { KeyLine } from './key-line.tsx';

export interface PinAnswer {
  readonly pin: string;
  readonly confirmedFewTries: boolean;
  /** Only when the dialog asked for it. */
  readonly authorizationCode?: string;
}

interface PinDialogProps {
  readonly open: boolean;
  readonly title: string;
  readonly okText: string;
  readonly token: TokenSummary;
  readonly running: boolean;
  readonly error: AppError | null;
  readonly askCode?: boolean;
  /** What the PIN is for, where the title does not say it all. */
  readonly children?: ReactNode;
  readonly onSubmit: (answer: PinAnswer) => void;
  readonly onCancel: () => void;
}

export function PinDialog({ open, title, okText, token, running, error, askCode = false, children, onSubmit, onCancel }: PinDialogProps) {
  const { t } = useTranslation();
  const id = useId();
  const [pin, setPin] = useState('');
  const [code, setCode] = useState('');
  const [confirmed, setConfirmed] = useState(false);
  const pinField = useRef<InputRef>(null);
  const mustConfirm = needsTryConfirmation(token.pin) || error?.code === 'PIN_NOT_CONFIRMED';
  const unusable = ['locked', 'unusable'].includes(pinSeriousness(token.pin)) || error?.code === 'PIN_LOCKED';
  const ready = !unusable && pin !== '' && (!mustConfirm || confirmed) && (!askCode || code.length === CODE_DIGITS);

  useEffect(() => {
    if (open) return;
    setPin('');
    setCode('');
    setConfirmed(false);
  }, [open]);

  function submit() {
    if (!ready || running) return;
    onSubmit({ pin, confirmedFewTries: mustConfirm && confirmed, ...(askCode ? { authorizationCode: code } : {}) });
    setPin('');
    setConfirmed(false);
  }

  return (
    <Modal
      open={open}
      title={title}
      okText={okText}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: !ready, loading: running }}
      cancelButtonProps={{ disabled: running }}
      closable={!running}
      mask={{ closable: false }}
      className="bk-dialog"
      keyboard={!running}
      onOk={submit}
      onCancel={onCancel}
      afterOpenChange={(shown) => (shown ? pinField.current?.focus() : undefined)}
      destroyOnHidden
    >
      <form
        className="bk-form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <KeyLine token={token} />
        {children}
        {error ? <ErrorPanel error={error} /> : null}
        <TriesNotice token={token} />
        {askCode ? (
          <div className="bk-field">
            <label htmlFor={`${id}-code`}>{t('issue.code.label')}</label>
            <CodeField id={`${id}-code`} value={code} onChange={setCode} />
          </div>
        ) : null}
        <div className="bk-field">
          <label htmlFor={`${id}-pin`}>{t('pin.label')}</label>
          <Input.Password ref={pinField} id={`${id}-pin`} size="large" autoComplete="off" maxLength={64} disabled={unusable} value={pin} onChange={(event) => setPin(event.target.value)} />
          {token.demo ? <p className="bk-secondary">{t('pin.demoHint')}</p> : null}
        </div>
        {mustConfirm ? <Checkbox checked={confirmed} onChange={(event) => setConfirmed(event.target.checked)}>{t('pin.confirmFewTries')}</Checkbox> : null}
        <button type="submit" hidden aria-hidden="true" tabIndex={-1} />
      </form>
    </Modal>
  );
}

/** The text grows more serious with every try that is gone. */
function TriesNotice({ token }: { token: TokenSummary }) {
  const { t } = useTranslation();
  const seriousness = pinSeriousness(token.pin);
  const count = token.pin.triesLeft ?? 1;
  if (seriousness === 'calm') return <p className="bk-secondary">{token.pin.triesLeft === null ? t('pin.notice.calm') : t('pin.notice.calmCounted', { count })}</p>;
  if (seriousness === 'careful') return <Alert type="info" showIcon title={token.pin.triesLeft === null ? t('pin.notice.careful') : t('pin.notice.carefulCounted', { count })} />;
  if (seriousness === 'serious') return <Alert type="warning" showIcon title={t('pin.notice.serious', { count })} />;
  if (seriousness === 'last') return <Alert type="error" showIcon title={t('pin.notice.last')} />;
  return <Alert type="error" showIcon title={seriousness === 'locked' ? t('pin.notice.locked') : t('pin.notice.unusable')} />;
}
