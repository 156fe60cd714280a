/** Change the key's password: the rules stand there before anything is typed, and each is ticked as it is kept. PINs live in these fields only. */
import { CheckCircleFilled, CloseCircleFilled, MinusCircleOutlined } from '@ant-design/icons';
import { Alert, App, Checkbox, Input, Modal, type InputRef } from 'antd';
import { useEffect, useId, useRef, useState, type ReactNode, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import type { PinRules, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { KeyLine } from '../../../components/key-line.tsx';
import { PinStateText } from '../../../components/pin-state-text.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { checkNewPin, type PinRuleCheck } from '../../../lib/pin-rules.ts';
import { needsTryConfirmation } from '../../../lib/pin-tries.ts';
import { QUERY_KEYS } from '../../../lib/queries.ts';
import { useAction } from '../../../lib/use-action.ts';

/** For keys of no known model: only what every driver asks; the driver decides. */
const UNKNOWN_MODEL_RULES: PinRules = { minLength: 4, maxLength: 64, allowed: 'printable', minClasses: 1, refuseSequences: false, refuseRepeats: false };

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
        <RuleList rules={rules} checks={checks} begun={pins.newPin !== ''} repeatBegun={pins.repeated !== ''} />
        <PinField label={t('pin.change.new')} value={pins.newPin} onChange={(newPin) => setPins({ ...pins, newPin })} />
        <PinField label={t('pin.change.repeat')} value={pins.repeated} onChange={(repeated) => setPins({ ...pins, repeated })} />
        {mustConfirm ? <Checkbox checked={confirmed} onChange={(event) => setConfirmed(event.target.checked)}>{t('pin.confirmFewTries')}</Checkbox> : null}
        <button type="submit" hidden aria-hidden="true" tabIndex={-1} />
      </form>
    </Modal>
  );
}

function PinField({ label, hint, value, field, onChange }: { label: string; hint?: ReactNode; value: string; field?: Ref<InputRef>; onChange: (pin: string) => void }) {
  const id = useId();
  return (
    <div className="bk-field">
      <label htmlFor={id}>{label}</label>
      <Input.Password ref={field} id={id} autoComplete="off" maxLength={64} value={value} onChange={(event) => onChange(event.target.value)} />
      {hint}
    </div>
  );
}

function RuleList({ rules, checks, begun, repeatBegun }: { rules: PinRules; checks: readonly PinRuleCheck[]; begun: boolean; repeatBegun: boolean }) {
  const { t } = useTranslation();
  return (
    <ul className="bk-rules" aria-label={t('pin.rules.title')}>
      {checks.map(({ rule, kept }) => {
        // Grey until typed: a rule is not broken by an empty field.
        const judged = rule === 'repeated-same' ? repeatBegun : begun;
        const state = !judged ? 'open' : kept ? 'kept' : 'broken';
        return (
          <li key={rule} className={`bk-rule-${state}`} data-rule={rule} data-state={state}>
            {state === 'open' ? <MinusCircleOutlined aria-hidden="true" /> : state === 'kept' ? <CheckCircleFilled aria-hidden="true" /> : <CloseCircleFilled aria-hidden="true" />}
            <span>{ruleText(rule)}</span>
            <span className="bk-visually-hidden">{t(`pin.rules.state.${state}`)}</span>
          </li>
        );
      })}
    </ul>
  );

  function ruleText(rule: PinRuleCheck['rule']): string {
    if (rule === 'length') return t('pin.rules.length', { min: rules.minLength, max: rules.maxLength });
    if (rule === 'allowed') return rules.allowed === 'digits' ? t('pin.rules.digits') : t('pin.rules.printable');
    if (rule === 'classes') return t('pin.rules.classes', { count: rules.minClasses });
    if (rule === 'sequence') return t('pin.rules.sequence');
    if (rule === 'repeat') return t('pin.rules.repeat');
    return rule === 'differs' ? t('pin.rules.differs') : t('pin.rules.repeatedSame');
  }
}
