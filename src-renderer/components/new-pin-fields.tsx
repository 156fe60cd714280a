/** A new PIN twice, under the rules of the key's model: they stand there before anything is typed, and each is ticked as it is kept. */
import { CheckCircleFilled, CloseCircleFilled, MinusCircleOutlined } from '@ant-design/icons';
import { Input, type InputRef } from 'antd';
import { useId, type ReactNode, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import type { PinRules } from '#shared/contract/desktop/tokens.ts';
import type { PinRuleCheck } from '../lib/pin-rules.ts';

/** For keys of no known model: only what every driver asks; the driver decides. */
export const UNKNOWN_MODEL_RULES: PinRules = { minLength: 4, maxLength: 64, allowed: 'printable', minClasses: 1, refuseSequences: false, refuseRepeats: false };

export function PinField({ label, hint, value, field, onChange }: { label: string; hint?: ReactNode; value: string; field?: Ref<InputRef>; onChange: (pin: string) => void }) {
  const id = useId();
  return (
    <div className="bk-field">
      <label htmlFor={id}>{label}</label>
      <Input.Password ref={field} id={id} autoComplete="off" maxLength={64} value={value} onChange={(event) => onChange(event.target.value)} />
      {hint}
    </div>
  );
}

interface NewPinFieldsProps {
  readonly rules: PinRules;
  readonly checks: readonly PinRuleCheck[];
  readonly newPin: string;
  readonly repeated: string;
  readonly field?: Ref<InputRef>;
  readonly onChange: (pins: { newPin: string; repeated: string }) => void;
}

export function NewPinFields({ rules, checks, newPin, repeated, field, onChange }: NewPinFieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <RuleList rules={rules} checks={checks} begun={newPin !== ''} repeatBegun={repeated !== ''} />
      <PinField label={t('pin.change.new')} value={newPin} {...(field === undefined ? {} : { field })} onChange={(pin) => onChange({ newPin: pin, repeated })} />
      <PinField label={t('pin.change.repeat')} value={repeated} onChange={(pin) => onChange({ newPin, repeated: pin })} />
    </>
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
