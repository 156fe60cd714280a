/** `bidkey diagnose`: findings as they come, then the whole; with a key and its PIN the key is tried by use. */
import { resolve } from 'node:path';
import type { Finding } from '#shared/contract/desktop/diagnosis.ts';
import { findingText } from '../../../diagnosis/finding-text.ts';
import { askPin } from '../ask.ts';
import type { CommandContext, CommandResult } from '../command.ts';
import { findKey } from '../find-key.ts';
import { writeNew } from './ledger-commands.ts';

export interface DiagnoseOptions {
  readonly key?: string;
  readonly pinFd?: number;
  readonly confirmFewTries?: boolean;
  readonly out?: string;
}

const MARKS: Readonly<Record<Finding['severity'], string>> = { problem: '✗', warning: '!', note: '·', good: '✓' };

export async function diagnose(context: CommandContext, options: DiagnoseOptions): Promise<CommandResult> {
  const { engine, say } = context;
  const use = options.key === undefined ? undefined : await useOf(context, options.key, options);
  const stop = engine.onEvent((event) => {
    if (event.name === 'diagnosis.found' && !context.json) context.terminal.note(`${MARKS[event.data.finding.severity]} ${findingText(event.data.finding, context.language).title}`);
  });
  try {
    const diagnosis = await engine.call('diagnosis.run', use === undefined ? {} : { use });
    const wrong = diagnosis.findings.filter(({ severity }) => severity === 'problem' || severity === 'warning');
    const lines = [...(wrong.length === 0 ? [say('diagnosisNothingWrong')] : wrong.flatMap((finding) => findingLines(context, finding)))];
    if (options.out !== undefined) {
      writeNew(options.out, (await engine.call('diagnosis.export', undefined)).text);
      lines.push(say('fileWritten', { file: resolve(options.out) }));
    }
    return { value: diagnosis, lines };
  } finally {
    stop();
  }
}

async function useOf(context: CommandContext, wanted: string, options: DiagnoseOptions) {
  const { ref, pin } = await findKey(context.engine, wanted);
  return { token: ref, pin: await askPin(context, options.pinFd, pin), ...(options.confirmFewTries === true ? { confirmedFewTries: true } : {}) };
}

function findingLines({ language, say }: CommandContext, finding: Finding): string[] {
  const { title, cause, next } = findingText(finding, language);
  return ['', `${MARKS[finding.severity]} ${title}  [${finding.code}]`, ...(cause === '' ? [] : [`  ${say('errorCause')}${cause}`]), ...(next === '' ? [] : [`  ${say('errorNext')}${next}`])];
}
