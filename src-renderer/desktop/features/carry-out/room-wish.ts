/** What a person decides about room on the key: what becomes of the old pair, and which ended pairs go first. Taking away needs the person's word that escrow is then the only way back. */
import type { OldPairWish } from '#shared/contract/desktop/deeds.ts';

export interface RoomWish {
  readonly oldPair: OldPairWish;
  /** Containers of pairs that are not in force any more. */
  readonly removeFirst: readonly string[];
  readonly agreed: boolean;
}

export const KEEP_ALL: RoomWish = { oldPair: 'keep', removeFirst: [], agreed: false };
