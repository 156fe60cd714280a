/** Which plugged key is meant: one row per key with picture, serial, holder and PIN state. A single key is chosen by itself, unless choosing is optional. */
import { useEffect, useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { UsbOutlined } from '@ant-design/icons';
import { sameKey } from '../lib/key-name.ts';
import { useTokens } from '../lib/queries.ts';
import { EmptyState } from './empty-state.tsx';
import { KeyLine } from './key-line.tsx';
import { PinStateText } from './pin-state-text.tsx';

interface ChoosePluggedKeyProps {
  readonly title: string;
  readonly hint?: string;
  /** May stay without a choice. */
  readonly optional?: boolean;
  /** Which of the plugged keys are offered. */
  readonly accepts?: (token: TokenSummary) => boolean;
  readonly value: TokenSummary | null;
  readonly onChange: (token: TokenSummary | null) => void;
}

export function ChoosePluggedKey({ title, hint, optional = false, accepts = () => true, value, onChange }: ChoosePluggedKeyProps) {
  const { t } = useTranslation();
  // Two of these on one page are two choices.
  const name = useId();
  const offered = (useTokens().data?.tokens ?? []).filter(accepts);
  const chosen = value === null ? null : (offered.find((token) => sameKey(token.ref, value.ref)) ?? null);
  const only = !optional && chosen === null && offered.length === 1 ? (offered[0] ?? null) : null;
  useEffect(() => {
    if (only !== null) onChange(only);
    // A pulled key is no choice any more; a key whose state changed is shown as it is now.
    else if (value !== null && chosen !== value) onChange(chosen);
  }, [only, value, chosen, onChange]);

  if (offered.length === 0) return optional ? null : <EmptyState icon={<UsbOutlined />} title={t('keys.none')} hints={[t('issue.key.hintNotice'), t('issue.key.hintOtherPort'), t('issue.key.hintOtherProgram')]} />;
  return (
    <fieldset className="bk-key-choices" aria-live="polite">
      <legend>{title}{hint ? <span className="bk-secondary"> {hint}</span> : null}</legend>
      {offered.map((token) => {
        const isChosen = chosen !== null && sameKey(chosen.ref, token.ref);
        return (
          <label key={`${token.ref.driverId} ${token.ref.serial}`} className={isChosen ? 'bk-key-choice bk-key-choice-chosen' : 'bk-key-choice'}>
            <input type={optional ? 'checkbox' : 'radio'} name={name} checked={isChosen} onChange={() => onChange(optional && isChosen ? null : token)} />
            <div className="bk-chosen-key">
              <KeyLine token={token} large={!optional} />
              <PinStateText pin={token.pin} named />
            </div>
          </label>
        );
      })}
    </fieldset>
  );
}
