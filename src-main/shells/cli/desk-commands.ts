/** The commands of the ledger and the diagnosis as a list: which words and options lead to which command. */
import type { Command } from 'commander';
import { diagnose, type DiagnoseOptions } from './commands/diagnose-command.ts';
import { assessLedger, exportLedger, importLedger, listLedger, listReminders, removeLedgerBid, setLedgerState, showLedgerBid, type LedgerAssessOptions, type LedgerImportOptions } from './commands/ledger-commands.ts';
import type { CommandRun } from './life-commands.ts';

export function addDeskCommands(program: Command, { say, run, pinOptions }: Omit<CommandRun, 'descriptor'>): void {
  const ledger = program.command('ledger').description(say('commandLedger')).helpCommand(false);
  ledger.command('list').description(say('commandLedgerList')).option('--state <state>', say('optionBidState')).action((options: { state?: string }) => run((context) => listLedger(context, options)));
  ledger.command('show <seal-id>').description(say('commandLedgerShow')).action((sealId: string) => run((context) => showLedgerBid(context, sealId)));
  ledger.command('import <file>').description(say('commandLedgerImport')).option('--tender <name>', say('optionTenderName')).option('--bidder <name>', say('optionBidderName')).option('--opens <utc>', say('optionOpens'))
    .action((file: string, options: LedgerImportOptions) => run((context) => importLedger(context, file, options)));
  ledger.command('export').description(say('commandLedgerExport')).option('--out <file>', say('optionOut')).action((options: { out?: string }) => run((context) => exportLedger(context, options)));
  ledger.command('set <seal-id> <state>').description(say('commandLedgerSet')).action((sealId: string, state: string) => run((context) => setLedgerState(context, sealId, state)));
  ledger.command('remove <seal-id>').description(say('commandLedgerRemove')).action((sealId: string) => run((context) => removeLedgerBid(context, sealId)));
  ledger.command('assess').description(say('commandLedgerAssess')).requiredOption('--deed <deed>', say('optionDeed')).requiredOption('--key <serial>', say('optionKey')).option('--same-keys', say('optionSameKeys')).option('--removes-contents', say('optionRemovesContents'))
    .action((options: LedgerAssessOptions) => run((context) => assessLedger(context, options)));
  ledger.command('reminders').description(say('commandLedgerReminders')).action(() => run(listReminders));
  pinOptions(program.command('diagnose').description(say('commandDiagnose')).option('--key <serial>', say('optionDiagnoseKey'))).option('--out <file>', say('optionOut'))
    .action((options: DiagnoseOptions) => run((context) => diagnose(context, options)));
}
