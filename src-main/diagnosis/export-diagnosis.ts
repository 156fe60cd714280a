/** The diagnosis as a text for support. Rule: no names, no serial numbers, no home folder; and the whole goes through redaction once more. */
import { homedir } from 'node:os';
import type { Language } from '#shared/contract/desktop/desktop-contract.ts';
import { DIAGNOSIS_AREAS, SEVERITIES, type Diagnosis, type Finding } from '#shared/contract/desktop/diagnosis.ts';
import { redact } from '../report/redact.ts';
import { findingText } from './finding-text.ts';

export interface ExportFacts {
  readonly version: string;
  readonly language: Language;
  readonly at: Date;
}

/** Facts that say who somebody is, or which key. */
const NAMES: readonly string[] = ['holder', 'label'];
const NUMBERS: readonly string[] = ['serial', 'certificateSerial', 'container'];

export function exportDiagnosis(diagnosis: Diagnosis, { version, language, at }: ExportFacts): { fileName: string; text: string } {
  const lines = [`BidKey diagnosis · ${version} · ${diagnosis.startedAtUtc}`];
  for (const area of DIAGNOSIS_AREAS) {
    const findings = diagnosis.findings.filter((finding) => finding.area === area).sort((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity));
    if (findings.length > 0) lines.push('', `== ${area}`, ...findings.flatMap((finding) => findingLines(withoutIdentity(finding), language)));
  }
  const home = homedir();
  const text = home.length > 1 ? lines.join('\n').replaceAll(home, '~') : lines.join('\n');
  return { fileName: `bidkey-diagnosis-${at.toISOString().slice(0, 10)}.txt`, text: `${redact(text)}\n` };
}

function findingLines(finding: Finding, language: Language): string[] {
  const { title, cause, next } = findingText(finding, language);
  const facts = Object.entries(finding.facts).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [`[${finding.severity}] ${finding.code}: ${title}`, ...[cause, next, facts.join(' ')].filter((line) => line !== '').map((line) => `    ${line}`)];
}

function withoutIdentity(finding: Finding): Finding {
  const facts = Object.entries(finding.facts).map(([name, value]) => {
    if (typeof value !== 'string') return [name, value] as const;
    if (NAMES.includes(name)) return [name, '[name]'] as const;
    // The end of a number tells two keys apart and nothing more.
    return [name, NUMBERS.includes(name) ? `…${value.slice(-4)}` : value] as const;
  });
  return { ...finding, facts: Object.fromEntries(facts) };
}
