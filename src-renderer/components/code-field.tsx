/** The authorization code: six digits from an SMS. Takes a pasted SMS, too: the first run of six digits counts. */
import { Input } from 'antd';
import { useTranslation } from 'react-i18next';

export const CODE_DIGITS = 6;

/** Digits of what was typed or pasted. `操作授权码：598983，有效期7天` → 598983 */
export function codeDigits(typed: string): string {
  const sixTogether = /(?<!\d)\d{6}(?!\d)/.exec(typed)?.[0];
  return sixTogether ?? typed.replace(/\D/g, '').slice(0, CODE_DIGITS);
}

export function CodeField({ id, value, onChange, disabled = false, describedBy }: { id: string; value: string; onChange: (code: string) => void; disabled?: boolean; describedBy?: string }) {
  const { t } = useTranslation();
  return (
    <Input
      id={id}
      className="bk-code-field"
      size="large"
      inputMode="numeric"
      autoComplete="off"
      spellCheck={false}
      placeholder={t('issue.code.placeholder')}
      aria-describedby={describedBy}
      disabled={disabled}
      value={value}
      onChange={(event) => onChange(codeDigits(event.target.value))}
    />
  );
}
