/** What a lint rule is, and running a table of them. */

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
    if (issuedAt < new Date(`${rule.effectiveDate}T00:00:00Z`) || !rule.applies(context)) continue;
    const problem = rule.check(context);
    if (problem !== null) findings.push({ ruleId: rule.id, clause: rule.clause, problem });
  }
  return findings;
}
