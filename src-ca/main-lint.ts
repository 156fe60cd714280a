/** `bidkey-ca lint`: one line per finding and a last one with the counts on standard output; with `--json` each line is a JSON document. Exit code 0 without findings, 3 with. */
import { parseArgs } from 'node:util';
import { AppError } from '#shared/errors/app-error.ts';
import { lintDataFolder } from './compose-lint.ts';

export const LINT_USAGE = `Usage: bidkey-ca lint --data DIR [--json]
  Checks every certificate and revocation list of a data folder, also while its service runs. Writes nothing.
  --json  one JSON document per line: findings, then the counts
Exit code 0: no findings; 3: findings; 2: wrong usage; 1: the check could not be carried out.`;

const EXIT_FINDINGS = 3;

/** @returns the exit code. @throws USAGE, AUTHORITY_DAMAGED */
export async function runLint(args: readonly string[], environment: Readonly<Record<string, string | undefined>>, write: (line: string) => void): Promise<number> {
  const { data, json } = readFlags(args);
  const dataFolder = data ?? environment['BIDKEY_CA_DATA'];
  if (dataFolder === undefined) throw new AppError('USAGE', { reason: '--data is missing' });
  const counts = await lintDataFolder(dataFolder, (finding) => write(json ? JSON.stringify({ finding }) : `${finding.of}: ${finding.ruleId}: ${finding.problem} (${finding.clause})`));
  write(json ? JSON.stringify({ counts }) : `${counts.certificates} certificates, ${counts.lists} lists, ${counts.findings} findings`);
  return counts.findings === 0 ? 0 : EXIT_FINDINGS;
}

function readFlags(args: readonly string[]): { readonly data?: string | undefined; readonly json: boolean } {
  try {
    const { values } = parseArgs({ args: [...args], options: { data: { type: 'string' }, json: { type: 'boolean' } }, strict: true, allowPositionals: false });
    return { data: values.data, json: values.json ?? false };
  } catch (thrown) {
    throw new AppError('USAGE', { reason: thrown instanceof Error ? thrown.message : 'unreadable' });
  }
}
