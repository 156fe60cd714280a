/** What a call of the desktop contract is, as data: every shell routes by this table, every screen is typed by it. */
import type { Static, TSchema } from '@sinclair/typebox';

export interface DesktopCall {
  readonly summary: string;
  readonly input: TSchema | null;
  readonly output: TSchema | null;
}

export const call = <const C extends DesktopCall>(row: C): C => row;

type StaticOf<S> = S extends TSchema ? Static<S> : void;
export type CallInput<C extends DesktopCall> = StaticOf<C['input']>;
export type CallOutput<C extends DesktopCall> = StaticOf<C['output']>;
