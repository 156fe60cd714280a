/** What a call of the desktop contract is, as data: every shell routes by this table, every screen is typed by it. */
import type { TSchema } from '@sinclair/typebox';

export interface DesktopCall {
  readonly summary: string;
  readonly input: TSchema | null;
  readonly output: TSchema | null;
  /** For the few calls whose input is a file; a shell that has a limit raises it to this. */
  readonly maxInputBytes?: number;
}

export const call = <const C extends DesktopCall>(row: C): C => row;

// Not `Static<S>`: its intersection is too deep for the compiler over the whole table; without recursive parameters both are the same.
type StaticOf<S> = S extends TSchema ? S['static'] : void;
export type CallInput<C extends DesktopCall> = StaticOf<C['input']>;
export type CallOutput<C extends DesktopCall> = StaticOf<C['output']>;
