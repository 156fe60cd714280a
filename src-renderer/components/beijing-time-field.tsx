/** A date with time, typed and shown as Beijing time, kept as UTC. The browser's own field: it knows the keyboard and the calendar. */
import { Input } from 'antd';
import { useId } from 'react';
import { beijingTime } from '../lib/beijing-time.ts';

export function BeijingTimeField({ label, value, onChange }: { label: string; value: string | null; onChange: (utc: string | null) => void }) {
  const id = useId();
  return (
    <div className="bk-field">
      <label htmlFor={id}>{label}</label>
      <Input id={id} type="datetime-local" value={value === null ? '' : beijingTime(value).replace(' ', 'T')} onChange={(event) => onChange(utcOf(event.target.value))} />
    </div>
  );
}

/** `2026-12-01T09:30` (Beijing) → `2026-12-01T01:30:00Z`; null for what is no time. */
export function utcOf(beijing: string): string | null {
  const at = Date.parse(`${beijing}:00+08:00`);
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(beijing) && !Number.isNaN(at) ? `${new Date(at).toISOString().slice(0, 19)}Z` : null;
}
