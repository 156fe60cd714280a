/** Secrets and decisions of the person: from a file descriptor when one is named, else from a prompt, else a refusal that says how. */
import type { PinState } from '#shared/contract/desktop/tokens.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { CommandContext } from './command.ts';

/** What asking takes. */
type Asker = Pick<CommandContext, 'terminal' | 'say'>;

export async function askPin(context: Asker, pinFd: number | undefined, pin: PinState | null): Promise<string> {
  if (pinFd !== undefined) return context.terminal.readLineFrom(pinFd);
  const tries = pin?.triesLeft ?? null;
  return await promptSecret(context, tries === null ? context.say('promptPin') : context.say('promptPinTries', { tries }), '--pin-fd');
}

export async function askNewPin(context: CommandContext, newPinFd: number | undefined): Promise<string> {
  if (newPinFd !== undefined) return context.terminal.readLineFrom(newPinFd);
  const first = await promptSecret(context, context.say('promptNewPin'), '--new-pin-fd');
  if ((await promptSecret(context, context.say('promptNewPinAgain'), '--new-pin-fd')) !== first) throw new AppError('USAGE', { reason: 'new PIN twice, differently' });
  return first;
}

export async function askCode(context: CommandContext, given: string | undefined): Promise<string> {
  return given ?? (await promptSecret(context, context.say('promptCode'), '--code'));
}

/** Only a typed yes is a yes. */
export async function confirm(context: CommandContext, lines: readonly string[]): Promise<boolean> {
  if (!context.terminal.interactive) return false;
  for (const line of lines) context.terminal.note(line);
  return (await context.terminal.ask(context.say('promptYes'))) === 'yes';
}

/** The signed-in account, or the one of --login signed in now. @throws NOT_SIGNED_IN when there is nobody to ask */
export async function requireSignIn(context: CommandContext): Promise<string> {
  const account = await context.engine.call('session.get', undefined);
  if (account !== null && context.login.loginName === undefined) return account.loginName;
  return await signIn(context);
}

export async function signIn(context: CommandContext): Promise<string> {
  const { loginName: given, passwordFd } = context.login;
  if (given === undefined && !context.terminal.interactive) throw new AppError('NOT_SIGNED_IN');
  const loginName = given ?? (await context.terminal.ask(context.say('promptLogin')));
  const password = passwordFd !== undefined ? context.terminal.readLineFrom(passwordFd) : await promptSecret(context, context.say('promptPassword'), '--password-fd');
  return (await context.engine.call('session.logIn', { loginName, password })).loginName;
}

async function promptSecret(context: Asker, prompt: string, option: string): Promise<string> {
  if (!context.terminal.interactive) throw new AppError('USAGE', { missing: option });
  const secret = await context.terminal.askSecret(prompt);
  if (secret === '') throw new AppError('CANCELLED');
  return secret;
}
