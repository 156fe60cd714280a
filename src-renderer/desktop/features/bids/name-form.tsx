/** One name to type: of a project, a copy, a document. */
import { Button, Input } from 'antd';
import { useId, useState } from 'react';
import type { AppError } from '#shared/errors/app-error.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';

interface NameFormProps {
  readonly label: string;
  readonly initial: string;
  readonly okText: string;
  readonly running: boolean;
  readonly error: AppError | null;
  readonly onSubmit: (name: string) => void;
}

export function NameForm({ label, initial, okText, running, error, onSubmit }: NameFormProps) {
  const id = useId();
  const [name, setName] = useState(initial);
  const ready = name.trim() !== '';
  return (
    <form className="bk-form" onSubmit={(event) => { event.preventDefault(); if (ready) onSubmit(name.trim()); }}>
      <div className="bk-field">
        <label htmlFor={id}>{label}</label>
        <Input id={id} autoFocus value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
      </div>
      {error ? <ErrorPanel error={error} /> : null}
      <div className="bk-actions"><Button type="primary" htmlType="submit" disabled={!ready} loading={running}>{okText}</Button></div>
    </form>
  );
}
