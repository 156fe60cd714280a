/** A short state in a coloured frame. Own colours instead of Ant Design's presets, whose texts are too pale on their grounds (WCAG 2.2, 1.4.3). */
import { Tag } from 'antd';
import type { ReactNode } from 'react';

export type Tone = 'plain' | 'info' | 'ok' | 'notice' | 'warn' | 'bad' | 'demo';

export function ToneTag({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <Tag className={`bk-tag bk-tone-${tone}`}>{children}</Tag>;
}
