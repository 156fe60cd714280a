/** What a person decides about a request, and the draft that comes of it. Pure. Which kind needs what: docs/spec/requests.md. */
import type { CatalogueItem, ChangeKind, Project, RequestKind } from '#shared/contract/rest/orders.ts';
import type { KeyPolicy, OldKeyHandling, RequestDraft, RevocationReason } from '#shared/contract/rest/requests.ts';

export interface Choices {
  readonly itemId: string | null;
  readonly changeKindId: string | null;
  readonly keyPolicy: KeyPolicy | null;
  readonly revocationReason: RevocationReason | null;
  readonly oldKeyHandling: OldKeyHandling | null;
}

export const EMPTY_CHOICES: Choices = { itemId: null, changeKindId: null, keyPolicy: null, revocationReason: null, oldKeyHandling: null };

/** What the request is about. */
export interface DraftSubject {
  /** Serial number of the signing certificate; of the key for an unlock. */
  readonly about: string;
  readonly tokenSerial: string | null;
  readonly tokenModelId: string | null;
}

export type MissingChoice = 'item' | 'changeKind' | 'keyPolicy' | 'reason' | 'oldKey';

/** What a request can be made of: the project's rules, and the rows of the price list for this kind and holder. */
export interface Offer {
  readonly project: Project | null;
  readonly items: readonly CatalogueItem[];
}

/** One row is no choice. */
export function chosenItem({ itemId }: Pick<Choices, 'itemId'>, { items }: Pick<Offer, 'items'>): CatalogueItem | null {
  return items.find((item) => item.id === itemId) ?? (items.length === 1 ? (items[0] ?? null) : null);
}

export function changeKindOf(project: Project | null, changeKindId: string | null): ChangeKind | null {
  return project?.changeKinds.find((one) => one.id === changeKindId) ?? null;
}

/** Whether the person decides about new keys: renewal and change of projects that leave it to the holder. */
export function mayChooseKeys(kind: RequestKind, project: Project | null): boolean {
  return (kind === 'renewal' || kind === 'change') && project?.renewalKeyPolicy === 'holder-chooses';
}

export function missingChoices(kind: RequestKind, choices: Choices, offer: Offer): MissingChoice[] {
  const { project, items } = offer;
  const missing: MissingChoice[] = [];
  if (items.length > 1 && chosenItem(choices, offer) === null) missing.push('item');
  if (kind === 'change' && changeKindOf(project, choices.changeKindId) === null) missing.push('changeKind');
  if (mayChooseKeys(kind, project) && choices.keyPolicy === null) missing.push('keyPolicy');
  if ((kind === 'revocation' || kind === 'reissue') && choices.revocationReason === null) missing.push('reason');
  if (kind === 'reissue' && choices.oldKeyHandling === null) missing.push('oldKey');
  return missing;
}

export function draftOf(kind: Exclude<RequestKind, 'new-issue'>, subject: DraftSubject, choices: Choices, offer: Offer): RequestDraft {
  const item = chosenItem(choices, offer);
  // A reissue goes to another key than the one in hand; which, is known when it is written.
  const onKey = kind !== 'reissue' && subject.tokenSerial !== null;
  return {
    kind,
    ...(kind === 'unlock' ? { tokenSerial: subject.about } : { certificateSerialHex: subject.about }),
    ...(onKey && kind !== 'unlock' && subject.tokenSerial !== null ? { tokenSerial: subject.tokenSerial } : {}),
    ...(onKey && subject.tokenModelId !== null ? { tokenModelId: subject.tokenModelId } : {}),
    ...(item === null ? {} : { itemId: item.id }),
    ...(kind === 'change' && choices.changeKindId !== null ? { changeKindId: choices.changeKindId } : {}),
    ...(mayChooseKeys(kind, offer.project) && choices.keyPolicy !== null ? { keyPolicy: choices.keyPolicy } : {}),
    ...((kind === 'revocation' || kind === 'reissue') && choices.revocationReason !== null ? { revocationReason: choices.revocationReason } : {}),
    ...(kind === 'reissue' && choices.oldKeyHandling !== null ? { oldKeyHandling: choices.oldKeyHandling } : {}),
  };
}
