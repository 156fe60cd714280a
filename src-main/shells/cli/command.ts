/** What every command of the command line is given and gives back. */
import type { DesktopEngine, Language } from '#shared/contract/desktop/desktop-contract.ts';
import type { Terminal } from './terminal.ts';
import type { Say } from './texts.ts';

export interface CommandContext {
  readonly engine: DesktopEngine;
  readonly terminal: Terminal;
  readonly language: Language;
  readonly say: Say;
  /** Progress lines are for people; with --json there are none on stdout either way. */
  readonly json: boolean;
  readonly login: LoginSource;
}

/** Where login name and password come from when nobody is signed in. */
export interface LoginSource {
  readonly loginName: string | undefined;
  readonly passwordFd: number | undefined;
}

/** The value for --json, and the same for people. */
export interface CommandResult {
  readonly value: unknown;
  readonly lines: readonly string[];
}
