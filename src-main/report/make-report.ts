/**
 * The report that a person copies for support: what runs, which drivers, which error, the last log lines. Rule: no PIN, code, password,
 * token or key; the whole text goes through redaction once more, and the home folder (a person's name) is not in it.
 */
import { homedir } from 'node:os';
import type { AppInfo, DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import type { DriverState } from '#shared/contract/desktop/tokens.ts';
import { redact } from './redact.ts';

export interface ReportFacts {
  readonly info: AppInfo;
  readonly drivers: readonly DriverState[];
  readonly asked: DesktopInput<'app.report'>;
  readonly logLines: readonly string[];
  readonly createdAtUtc: string;
}

export function makeReport(facts: ReportFacts): string {
  const { info, drivers, asked } = facts;
  const lines = [
    'BidKey report',
    `made: ${facts.createdAtUtc}`,
    `version: ${info.version} · shell: ${info.shell} · demo: ${info.demo ? 'yes' : 'no'}`,
    `system: ${info.platform} ${info.processor} · node ${process.versions.node}`,
    `CA service: ${info.caBaseUrl ?? 'none'}`,
    `data folder: ${info.dataFolder}`,
    `page: ${asked.page}`,
    `error: ${asked.errorCode ?? 'none'} · trace: ${asked.traceId ?? 'none'}`,
    '',
    'drivers:',
    ...(drivers.length === 0 ? ['  none'] : drivers.map(driverLine)),
    '',
    'last log lines:',
    ...facts.logLines.map((line) => `  ${line}`),
  ];
  return `${redact(withoutHome(lines.join('\n')))}\n`;
}

function driverLine(driver: DriverState): string {
  return `  ${driver.driverId} (${driver.modelId}): ${driver.status}${driver.errorCode ? ` ${driver.errorCode}` : ''} · restarts ${driver.restarts} · ${driver.libraryPath ?? 'no library'}`;
}

function withoutHome(text: string): string {
  const home = homedir();
  return home.length > 1 ? text.replaceAll(home, '~') : text;
}
