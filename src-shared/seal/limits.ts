/** Bounds of the format of sealed bids. Spec: docs/spec/sealed-bid.md §1, §3, §6, §7, §13. */
export const MAX_HEADER_BYTES = 1 << 20;
export const MAX_TRAILER_BYTES = 128 << 10;
export const MAX_MANIFEST_BYTES = 16 << 20;
export const MAX_DOCUMENTS = 10_000;
export const MAX_GROUPS = 8;
export const MAX_OPENERS = 64;
export const MAX_REWRAPS = 16;
export const MAX_EXTENSIONS = 16;
export const MAX_CHUNKS = 2 ** 32;
/** Payloads are counted in numbers, exact to 2^53. */
export const MAX_PAYLOAD_BYTES = 2 ** 52;
export const CHUNK_BITS = { min: 12, max: 20, written: 20 } as const;
export const SHARE_BYTES = 32;
export const TAG_BYTES = 16;
export const DIGEST_BYTES = 32;
