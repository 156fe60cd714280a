/** What a lint rule is, and running a table of them. */
import { AppError } from '#shared/errors/app-error.ts';

export interface LintRule<Context> {
  /** Kebab-case, unique in its table. */
  readonly id: string;
  /** Standard and clause that the rule comes from. */
  readonly clause: string;
  /** From when on it binds certificates, YYYY-MM-DD; older ones are not judged by it. */
  readonly effectiveDate: string;
  readonly applies: (context: Context) => boolean;
  /** @returns what is wrong, in a few words without personal data; null when the rule is kept */
  readonly check: (context: Context) => string | null;
}

export interface LintFinding {
  readonly ruleId: string;
  readonly clause: string;
  readonly problem: string;
}

/** @param issuedAt decides which rules are in force */
export function runRules<Context>(rules: readonly LintRule<Context>[], context: Context, issuedAt: Date): LintFinding[] {
  const findings: LintFinding[] = [];
  for (const rule of rules) {
    if (issuedAt < new Date(`${rule.effectiveDate}T00:00:00Z`)) continue;
    const problem = problemOf(rule, context);
    if (problem !== null) findings.push({ ruleId: rule.id, clause: rule.clause, problem });
  }
  return findings;
}

/** What a rule cannot even read breaks it. */
function problemOf<Context>(rule: LintRule<Context>, context: Context): string | null {
  try {
    return rule.applies(context) ? rule.check(context) : null;
  } catch (thrown) {
    if (thrown instanceof AppError) return `unreadable: ${thrown.code}`;
    throw thrown;
  }
}
