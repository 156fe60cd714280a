/** A name that a person types to confirm that it was read; `isTypedAs` says when it is the one. Why it has to be typed stands above the field and is read out with it. */
import { Input } from 'antd';
import { useId } from 'react';

interface TypedNameProps {
  readonly label: string;
  readonly meaning: string;
  readonly value: string;
  readonly onChange: (typed: string) => void;
}

export function TypedName({ label, meaning, value, onChange }: TypedNameProps) {
  const id = useId();
  const hint = `${id}-hint`;
  return (
    <div className="bk-field">
      <label htmlFor={id}>{label}</label>
      <p id={hint} className="bk-bad">{meaning}</p>
      <Input id={id} value={value} maxLength={300} autoComplete="off" aria-describedby={hint} onChange={(event) => onChange(event.target.value)} />
    </div>
  );
}
