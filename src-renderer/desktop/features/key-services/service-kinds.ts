/** The services that begin with a key in hand, and how each begins. */
import type { RequestKind } from '#shared/contract/rest/orders.ts';

export const SERVICE_KINDS = ['renewal', 'change', 'unlock', 'reissue', 'suspension', 'release', 'revocation', 'key-recovery'] as const satisfies readonly RequestKind[];
export type ServiceKind = (typeof SERVICE_KINDS)[number];

export function serviceKindOf(text: string | undefined): ServiceKind | null {
  return SERVICE_KINDS.find((kind) => kind === text) ?? null;
}

/** Services whose key may be lost: they are begun from the list of one's certificates as well. */
export const WITHOUT_KEY = new Set<ServiceKind>(['reissue', 'suspension', 'release', 'revocation']);
