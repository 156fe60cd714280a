/**
 * `bidkey …`: the commands as a list, and the one edge they share: options → engine → command → result or error, printed for people or as JSON.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Language } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import { chooseLanguage, errorText } from '../launch/error-texts.ts';
import { addBidCommands } from './bids/add-bid-commands.ts';
import { openBidContext, type BidContext } from './bids/bid-context.ts';
import type { CommandContext, CommandResult } from './command.ts';
import { listDeeds, listKeys, listModels, listOrders, showInfo, showReport } from './commands/list-commands.ts';
import { cancelDeed, changePin, logIn, logOut, resumeDeed, writeCertificate, type LogInOptions, type WriteOptions } from './commands/write-commands.ts';
import { addDeskCommands } from './desk-commands.ts';
import { addLifeCommands } from './life-commands.ts';
import { EXIT, exitCodeOf, type ExitCode } from './exit-codes.ts';
import { findRunningBidKey, openEngine, type LaunchForCommand } from './open-engine.ts';
import type { Terminal } from './terminal.ts';
import { sayIn, type Say } from './texts.ts';

export interface CliPorts {
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  readonly resourcesFolder: string;
  readonly version: string;
  readonly launch: LaunchForCommand;
  /** Aborted when the person interrupts; a deed on bids ends in order then. */
  readonly interrupt?: Interrupt;
}

export interface Interrupt {
  readonly signal: AbortSignal;
  /** While this is true, the signal alone ends the program. */
  endsByItself: boolean;
}

interface GlobalOptions {
  readonly json?: boolean;
  readonly ca?: string;
  readonly data?: string;
  readonly demo?: boolean;
  readonly login?: string;
  readonly passwordFd?: number;
}

/** @param args without program names. @returns the exit code */
export async function runCli(args: readonly string[], ports: CliPorts): Promise<ExitCode> {
  const language = chooseLanguage(valueOf(args, '--lang'), ports.environment);
  const json = args.includes('--json');
  let exit: ExitCode = EXIT.ok;
  const program = buildProgram(ports, language, (code) => { exit = code; });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exit;
  } catch (thrown) {
    // Commander has printed help, version or its complaint already.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const code = printError(toAppError(thrown), { ...ports, language, json });
    return ports.interrupt?.signal.aborted === true ? EXIT.interrupted : code;
  }
}

function buildProgram(ports: CliPorts, language: Language, setExit: (code: ExitCode) => void): Command {
  const say = sayIn(language);
  const program = new Command('bidkey');
  program.exitOverride().configureOutput({ writeOut: (text) => ports.terminal.print(text.trimEnd()), writeErr: (text) => ports.terminal.note(text.trimEnd()) });
  program.description(say('description')).version(ports.version).helpCommand(false).showHelpAfterError(false);
  program
    .option('--json', say('optionJson')).option('--lang <language>', say('optionLang')).option('--ca <url>', say('optionCa')).option('--data <folder>', say('optionData')).option('--demo', say('optionDemo'))
    .option('--login <name>', say('optionLogin')).option('--password-fd <n>', say('optionPasswordFd'), descriptor).addOption(neverAnArgument('--password [x]', say));
  program.addHelpText('after', () => exitCodeHelp(say));

  /** Runs a command that needs the engine. */
  const run = async (command: (context: CommandContext) => Promise<CommandResult>) => {
    const options = program.opts<GlobalOptions>();
    const opened = await openEngine({ data: options.data, demo: options.demo ?? false, ca: options.ca }, ports.launch);
    try {
      const context: CommandContext = { engine: opened.engine, terminal: ports.terminal, language, say, json: options.json ?? false, login: { loginName: options.login, passwordFd: options.passwordFd } };
      printResult(await command(context), context.json, ports.terminal);
    } finally {
      await opened.close();
    }
  };
  addCommands(program, say, run);
  /** Runs a command on bids: without engine, CA service and network. */
  const runBid = async (command: (context: BidContext) => Promise<CommandResult>) => {
    const options = program.opts<GlobalOptions>();
    const interrupt = ports.interrupt ?? { signal: new AbortController().signal, endsByItself: false };
    const context = openBidContext({ terminal: ports.terminal, say, signal: interrupt.signal, resourcesFolder: ports.resourcesFolder, data: options.data, demo: options.demo ?? false });
    interrupt.endsByItself = true;
    try {
      printResult(await command(context), options.json ?? false, ports.terminal);
    } finally {
      await context.close();
    }
  };
  addBidCommands(program, {
    say, run: runBid, descriptor, neverAnArgument: (flags) => neverAnArgument(flags, say),
    openRunning: async () => setExit(await openRunning(program.opts<GlobalOptions>(), ports.terminal, say)),
  });
  return program;
}

function addCommands(program: Command, say: Say, run: (command: (context: CommandContext) => Promise<CommandResult>) => Promise<void>): void {
  const pinOptions = (command: Command) => command.option('--pin-fd <n>', say('optionPinFd'), descriptor).option('--confirm-few-tries', say('optionFewTries')).addOption(neverAnArgument('--pin [x]', say));

  program.command('keys').description(say('commandKeys')).option('--rescan', say('optionRescan')).action((options: { rescan?: boolean }) => run((context) => listKeys(context, options)));
  program.command('models').description(say('commandModels')).action(() => run(listModels));
  program.command('info').description(say('commandInfo')).action(() => run(showInfo));
  program.command('orders').description(say('commandOrders')).action(() => run(listOrders));
  pinOptions(program.command('write').description(say('commandWrite')).requiredOption('--order <order>', say('optionOrder')).requiredOption('--key <serial>', say('optionKey')))
    .option('--code <digits>', say('optionCode')).option('--model <id>', say('optionModel')).option('--keep-existing', say('optionKeep'))
    .action((options: WriteOptions) => run((context) => writeCertificate(context, options)));
  program.command('deeds').description(say('commandDeeds')).action(() => run(listDeeds));
  pinOptions(program.command('resume <deed>').description(say('commandResume'))).option('--code <digits>', say('optionCode')).option('--new-pin-fd <n>', say('optionNewPinFd'), descriptor).option('--lose-bid <tender>', say('optionLoseBid'))
    .action((deed: string, options: { code?: string; pinFd?: number; newPinFd?: number; confirmFewTries?: boolean; loseBid?: string }) => run((context) => resumeDeed(context, deed, options)));
  pinOptions(program.command('cancel <deed>').description(say('commandCancel')))
    .action((deed: string, options: { pinFd?: number }) => run((context) => cancelDeed(context, deed, options)));
  pinOptions(program.command('pin-change').description(say('commandPinChange')).requiredOption('--key <serial>', say('optionKey'))).option('--new-pin-fd <n>', say('optionNewPinFd'), descriptor)
    .action((options: { key: string; pinFd?: number; newPinFd?: number; confirmFewTries?: boolean }) => run((context) => changePin(context, options)));
  addDeskCommands(program, { say, run, pinOptions });
  addLifeCommands(program, { say, run, pinOptions, descriptor });
  pinOptions(program.command('login').description(say('commandLogin')).option('--key <serial>', say('optionLoginKey')).option('--account <id>', say('optionAccount')))
    .action((options: LogInOptions) => run((context) => logIn(context, options)));
  program.command('logout').description(say('commandLogout')).action(() => run(logOut));
  program.command('report').description(say('commandReport')).action(() => run(showReport));
}

/** Caught by name, so that the habit of other tools ends in advice and not in an error that repeats the secret. */
function neverAnArgument(flags: string, say: Say): Option {
  return new Option(flags, say('optionNeverArgument')).hideHelp().argParser(() => {
    throw new AppError('USAGE', { option: flags.split(' ')[0] ?? flags, reason: 'secrets are never arguments' });
  });
}

function descriptor(text: string): number {
  const number = Number(text);
  if (!/^\d{1,4}$/.test(text) || number === 1 || number === 2) throw new InvalidArgumentError('0, 3, 4, …');
  return number;
}

/** Needs no engine of its own: without a running BidKey there is nothing to open. */
async function openRunning(options: GlobalOptions, terminal: Terminal, say: Say): Promise<ExitCode> {
  const running = await findRunningBidKey({ data: options.data, demo: options.demo ?? false });
  if (running === null) throw new AppError('SHELL_UNREACHABLE', { reason: 'not running', hint: say('notRunning') });
  try {
    const link = await running.open();
    printResult({ value: { link }, lines: [link === null ? say('openedWindow') : say('openLink', { link })] }, options.json ?? false, terminal);
    return EXIT.ok;
  } finally {
    running.close();
  }
}

function printResult(result: CommandResult, json: boolean, terminal: Terminal): void {
  if (json) terminal.print(JSON.stringify({ ok: true, value: result.value }));
  else for (const line of result.lines) terminal.print(line);
}

function printError(error: AppError, { terminal, language, json, resourcesFolder }: CliPorts & { language: Language; json: boolean }): ExitCode {
  const say = sayIn(language);
  const text = errorText(error.code, language, resourcesFolder);
  if (json) {
    terminal.print(JSON.stringify({ ok: false, error: { ...error.toData(), ...text } }));
  } else {
    terminal.note(text.title);
    if (text.cause !== '') terminal.note(`${say('errorCause')}${text.cause}`);
    if (text.next !== '') terminal.note(`${say('errorNext')}${text.next}`);
    const facts = Object.entries(error.details).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    terminal.note([`${say('errorCode')}${error.code}`, ...facts, ...(error.traceId === undefined ? [] : [`traceId=${error.traceId}`])].join(' '));
  }
  return exitCodeOf(error.code);
}

function exitCodeHelp(say: Say): string {
  const rows = Object.values(EXIT).map((code) => `  ${String(code).padStart(3)}  ${say(`exit${code}`)}`);
  return `\n${say('exitCodes')}\n${rows.join('\n')}`;
}

function valueOf(args: readonly string[], option: string): string | undefined {
  const at = args.indexOf(option);
  return at < 0 ? args.find((arg) => arg.startsWith(`${option}=`))?.slice(option.length + 1) : args[at + 1];
}
