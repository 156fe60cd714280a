/** The bid commands as a list. Each reads its options, runs one function of this folder, and gives back its result. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { CommandResult } from '../command.ts';
import type { Say } from '../texts.ts';
import type { BidContext, PinOptions } from './bid-context.ts';
import type { TrustOptions } from './bid-trust.ts';
import { compareTenderFiles } from './compare-command.ts';
import { inspect, verify, verifyTender } from './look-commands.ts';
import { challenge, extract, open, rehearse, share, type OpenOptions, type RehearseOptions, type ShareOptions } from './open-commands.ts';
import { makeTenderCommand, rewrap, seal, type RewrapOptions, type SealOptions, type TenderMakeOptions } from './seal-commands.ts';

export type RunBid = (command: (context: BidContext) => Promise<CommandResult>) => Promise<void>;

export interface BidCommandTools {
  readonly say: Say;
  readonly run: RunBid;
  /** Reads the number of a file descriptor. */
  readonly descriptor: (text: string) => number;
  /** Refuses a secret as an argument. */
  readonly neverAnArgument: (flags: string) => Option;
  /** `open` without a file: a link to the running BidKey. */
  readonly openRunning: () => Promise<void>;
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
const NONE: readonly string[] = [];

export function addBidCommands(program: Command, tools: BidCommandTools): void {
  const { say, run } = tools;
  const withPin = (command: Command) => command.option('--pin-fd <n>', say('optionPinFd'), tools.descriptor).option('--confirm-few-tries', say('optionFewTries')).addOption(tools.neverAnArgument('--pin [x]'));
  const withTrust = (command: Command) => command.option('--trust <pem>', say('optionTrust'), collect, NONE).option('--crl <file>', say('optionCrl'), collect, NONE);
  const withKeys = (command: Command) => withPin(command.option('--key <serial>', say('optionOpenerKey'), collect, NONE));
  const withTime = (command: Command) => command.option('--before-time', say('optionBeforeTime'));
  const withRemote = (command: Command) => withTime(withKeys(command)).option('--share <file>', say('optionShare'), collect, NONE).option('--challenge <file>', say('optionChallenge'), collect, NONE);
  const withMaking = (command: Command) => withTrust(withPin(command))
    .requiredOption('--sign-key <serial>', say('optionSignKey')).addOption(new Option('--suite <suite>', say('optionSuite')).choices(['sm', 'aes'])).requiredOption('--out <file>', say('optionOut'))
    .option('--opens-at <time>', say('optionOpensAt')).option('--tsa <url>', say('optionTsa')).addOption(new Option('--tsa-digest <digest>', say('optionTsaDigest')).choices(['sm3', 'sha-256'])).option('--refresh-crls', say('optionRefreshCrls'));

  withMaking(program.command('seal').description(say('commandSeal')).requiredOption('--bid-dir <folder>', say('optionBidDir')).option('--tender <file>', say('optionTender')))
    .option('--group <name=pems>', say('optionGroup'), collect, NONE).option('--backup <file>', say('optionBackup')).option('--ticket <file>', say('optionTicket')).option('--no-ticket', say('optionNoTicket'))
    .option('--bid-id <id>', say('optionBidId')).option('--tender-id <id>', say('optionTenderId')).option('--lot <lot>', say('optionLot')).option('--incomplete', say('optionIncomplete'))
    .action((options: SealOptions & { ticket?: string | boolean }) => run((context) => seal(context, { ...options, ...ticketOf(options) })));

  program.command('inspect <file>').description(say('commandInspect')).action((file: string) => run((context) => inspect(context, file)));
  withTrust(program.command('verify <file>').description(say('commandVerify'))).action((file: string, options: TrustOptions) => run((context) => verify(context, file, options)));
  withKeys(program.command('rehearse <file>').description(say('commandRehearse'))).option('--ticket <file>', say('optionTicketUse')).option('--no-ticket', say('optionNoTicketUse'))
    .action((file: string, options: RehearseOptions & { ticket?: string | boolean }) => run((context) => rehearse(context, file, { ...options, ...ticketOf(options) })));
  withPin(program.command('challenge <file>').description(say('commandChallenge')).requiredOption('--key <serial>', say('optionHallKey'))).option('--out <file>', say('optionOut')).option('--minutes <n>', say('optionMinutes'), minutes, 60)
    .action((file: string, options: PinOptions & { key: string; out?: string; minutes: number }) => run((context) => challenge(context, file, options)));
  withTrust(withTime(withPin(program.command('share <file>').description(say('commandShare')).requiredOption('--key <serial>', say('optionOpenerKey'))))).requiredOption('--challenge <file>', say('optionChallenge')).requiredOption('--out <file>', say('optionOut')).option('--receiver <name>', say('optionReceiver'))
    .action((file: string, options: ShareOptions) => run((context) => share(context, file, options)));
  withRemote(program.command('open [file]').description(say('commandOpenBid'))).option('--out <folder>', say('optionOutFolder'))
    .action((file: string | undefined, options: OpenOptions & { out?: string }, command: Command) => {
      const { out } = options;
      if (file === undefined) return tools.openRunning();
      if (out === undefined) return command.error(`error: ${say('optionNeeded', { option: '--out' })}`, { exitCode: 2 });
      return run((context) => open(context, file, { ...options, out }));
    });
  withRemote(program.command('extract <file> [name]').description(say('commandExtract'))).option('--out <file>', say('optionOut'))
    .action((file: string, name: string | undefined, options: OpenOptions & { out?: string }) => run((context) => extract(context, file, name, options)));
  withTrust(withKeys(program.command('rewrap <file>').description(say('commandRewrap')))).option('--add <group=pems>', say('optionAdd'), collect, NONE).option('--remove <fingerprint>', say('optionRemove'), collect, NONE)
    .option('--out <file>', say('optionOut')).option('--sign-key <serial>', say('optionSignKeyOther')).option('--refresh-crls', say('optionRefreshCrls'))
    .action((file: string, options: RewrapOptions) => run((context) => rewrap(context, file, options)));

  const tender = program.command('tender').description(say('commandTender')).helpCommand(false);
  withMaking(tender.command('make').description(say('commandTenderMake')).requiredOption('--doc-dir <folder>', say('optionDocDir')).option('--description <json>', say('optionDescription')))
    .option('--group <name=pems>', say('optionGroup'), collect, NONE).option('--tender-id <id>', say('optionTenderId')).option('--title <text>', say('optionTitle')).option('--tenderer <name>', say('optionTenderer'))
    .action((options: TenderMakeOptions) => run((context) => makeTenderCommand(context, options)));
  withTrust(tender.command('verify <file>').description(say('commandTenderVerify'))).action((file: string, options: TrustOptions) => run((context) => verifyTender(context, file, options)));
  withTrust(tender.command('compare <old> <new>').description(say('commandTenderCompare'))).action((before: string, after: string, options: TrustOptions) => run((context) => compareTenderFiles(context, [before, after], options)));
}

/** With `--no-ticket` declared, the option without it is `true`. */
const ticketOf = ({ ticket }: { readonly ticket?: string | boolean }): { readonly ticket?: string | false } => (ticket === undefined || ticket === true ? {} : { ticket });

function minutes(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('1 … 9999');
  return Number(text);
}
