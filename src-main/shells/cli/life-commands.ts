/** The commands of a certificate's life as a list: which words and options lead to which command. */
import { InvalidArgumentError, type Command } from 'commander';
import type { CommandContext, CommandResult } from './command.ts';
import { change, recover, reissue, renew, unlock, type ChangeOptions, type DeedOptions, type ReissueOptions, type RenewOptions } from './commands/deed-commands.ts';
import { bindKey, endCertificate, listBindings, listRequests, releaseCertificate, REQUEST_STEPS, stepRequest, unbind, type EndOptions } from './commands/request-commands.ts';
import type { Say } from './texts.ts';

export interface CommandRun {
  readonly say: Say;
  readonly run: (command: (context: CommandContext) => Promise<CommandResult>) => Promise<void>;
  /** Adds the options by which a PIN is given. */
  readonly pinOptions: (command: Command) => Command;
  readonly descriptor: (text: string) => number;
}

export function addLifeCommands(program: Command, { say, run, pinOptions, descriptor }: CommandRun): void {
  const onKey = (name: string, description: string) =>
    pinOptions(program.command(name).description(description).requiredOption('--key <serial>', say('optionKey'))).option('--certificate <serial>', say('optionCertificate')).option('--lose-bid <tender>', say('optionLoseBid'));
  const byRequest = (name: string, description: string) => onKey(name, description).option('--code <digits>', say('optionCode')).option('--model <id>', say('optionModel'));
  const several = (value: string, before: readonly string[] = []) => [...before, value];

  program.command('requests').description(say('commandRequests')).option('--key <serial>', say('optionKey')).action((options: { key?: string }) => run((context) => listRequests(context, options)));
  program.command('request <step> <id>').description(say('commandRequest', { steps: REQUEST_STEPS.join(', ') })).action((step: string, id: string) => run((context) => stepRequest(context, step, id)));
  byRequest('renew', say('commandRenew')).option('--years <n>', say('optionYears'), wholeNumber).option('--same-keys', say('optionSameKeys')).option('--new-keys', say('optionNewKeys')).option('--drop-old', say('optionDropOld')).option('--accept-risk', say('optionAcceptRisk'))
    .action(({ newKeys, ...options }: RenewOptions & { newKeys?: boolean }) => run((context) => renew(context, newKeys === true ? { ...options, sameKeys: false } : options)));
  byRequest('change', say('commandChange')).option('--kind <id>', say('optionChangeKind')).option('--set <field=value>', say('optionSet'), several).option('--material <kind=file>', say('optionMaterial'), several).option('--accept-risk', say('optionAcceptRisk'))
    .action((options: ChangeOptions) => run((context) => change(context, options)));
  byRequest('unlock', say('commandUnlock')).option('--new-pin-fd <n>', say('optionNewPinFd'), descriptor).action((options: DeedOptions & { newPinFd?: number }) => run((context) => unlock(context, options)));
  byRequest('reissue', say('commandReissue')).option('--revoke-at-once', say('optionRevokeAtOnce')).option('--reason <reason>', say('optionReason')).option('--keep-existing', say('optionKeep')).action((options: ReissueOptions) => run((context) => reissue(context, options)));
  byRequest('recover', say('commandRecover')).action((options: DeedOptions) => run((context) => recover(context, options)));
  onKey('revoke', say('commandRevoke')).option('--reason <reason>', say('optionReason')).action((options: EndOptions) => run((context) => endCertificate(context, 'revocation', options)));
  onKey('suspend', say('commandSuspend')).action((options: EndOptions) => run((context) => endCertificate(context, 'suspension', options)));
  byRequest('release', say('commandRelease')).action((options: DeedOptions) => run((context) => releaseCertificate(context, options)));
  program.command('bindings').description(say('commandBindings')).action(() => run(listBindings));
  pinOptions(program.command('bind').description(say('commandBind')).requiredOption('--key <serial>', say('optionKey'))).option('--project <id>', say('optionProject'))
    .action((options: { key: string; project?: string; pinFd?: number; confirmFewTries?: boolean }) => run((context) => bindKey(context, options)));
  program.command('unbind <binding>').description(say('commandUnbind')).action((binding: string) => run((context) => unbind(context, binding)));
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError('1, 2, 3, …');
  return Number(text);
}
