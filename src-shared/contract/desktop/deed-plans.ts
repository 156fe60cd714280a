/**
 * The plans of the writing deeds: which steps a deed has, in which order. A plan is data, so that journal, screens and runner speak of the same steps.
 * Why in that order: docs/deeds.md. Rule: never take a step out of a plan or change its place – journals of earlier versions hold it; add a plan.
 */
import { Type, type Static } from '../schema.ts';

export const DeedKind = Type.Union([
  Type.Literal('new-issue'), Type.Literal('renewal'), Type.Literal('change'), Type.Literal('reissue'), Type.Literal('unlock'), Type.Literal('key-recovery'), Type.Literal('administrator-pin'),
], { description: '新领, 延期, 变更, 补办, 解锁, 密钥恢复; administrator-pin: the administrator PIN of a key that was just written comes into the keeping of the service' });
export type DeedKind = Static<typeof DeedKind>;

/** Renewal and change: both key pairs anew, or new certificates for the keys that are there. */
export const DeedKeyPolicy = Type.Union([Type.Literal('new-keys'), Type.Literal('same-keys')]);
export type DeedKeyPolicy = Static<typeof DeedKeyPolicy>;

export const DEED_PLANS = {
  'new-issue': ['start', 'generate', 'request', 'import-keys', 'import-certificates', 'prove', 'complete'],
  /** On a key whose factory administrator PIN is known: it comes into the keeping of the service, so that the key can be unlocked later. */
  'new-issue-handover': ['start', 'generate', 'request', 'import-keys', 'import-certificates', 'prove', 'complete', 'deposit', 'rotate', 'confirm'],
  'new-keys': ['start', 'room', 'generate', 'request', 'import-keys', 'import-certificates', 'prove', 'complete', 'keep-history', 'tidy'],
  'same-keys': ['start', 'request', 'import-certificates', 'prove', 'complete'],
  reissue: ['start', 'generate', 'request', 'import-keys', 'import-certificates', 'prove', 'restore-history', 'complete'],
  unlock: ['release', 'unblock', 'rotate', 'prove', 'complete'],
  'key-recovery': ['start', 'restore-history', 'prove', 'complete'],
  'administrator-pin': ['deposit', 'rotate', 'confirm'],
} as const;
export type DeedPlanId = keyof typeof DEED_PLANS;
export type DeedStepName = (typeof DEED_PLANS)[DeedPlanId][number];

export const DeedPlanId = Type.Unsafe<DeedPlanId>(Type.Union(Object.keys(DEED_PLANS).map((id) => Type.Literal(id))));

const ALL_STEPS = [...new Set(Object.values(DEED_PLANS).flat())];
export const DeedStepName = Type.Unsafe<DeedStepName>(Type.Union(ALL_STEPS.map((name) => Type.Literal(name))));

export interface PlanChoice {
  /** Of renewal and change; null on the other kinds. */
  readonly keyPolicy: DeedKeyPolicy | null;
  /** New issue: the factory administrator PIN of the key is known. */
  readonly handover: boolean;
}

export function planOf(kind: DeedKind, { keyPolicy, handover }: PlanChoice): DeedPlanId {
  if (kind === 'renewal' || kind === 'change') return keyPolicy ?? 'new-keys';
  return kind === 'new-issue' && handover ? 'new-issue-handover' : kind;
}

/** The steps of a deed in order. */
export const stepsOfPlan = (plan: DeedPlanId): readonly DeedStepName[] => DEED_PLANS[plan];
