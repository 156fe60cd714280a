/** Kinds of requests that a deed carries out on a key; new issues have a page of their own. */
import type { RequestKind } from '#shared/contract/rest/orders.ts';

export const CARRIED_OUT_KINDS = ['renewal', 'change', 'reissue', 'unlock', 'key-recovery'] as const satisfies readonly RequestKind[];
export type CarriedOutKind = (typeof CARRIED_OUT_KINDS)[number];

export function carriedOutKind(kind: RequestKind): CarriedOutKind | null {
  return CARRIED_OUT_KINDS.find((one) => one === kind) ?? null;
}

/** Kinds whose risk notice has to be accepted with the key before writing; on a reissue the old key may be lost. */
export const NEEDS_RISK_NOTICE = new Set<CarriedOutKind>(['renewal', 'change']);
