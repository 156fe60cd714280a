/** A text that a person types to confirm something, as it is compared. Full-width forms and spaces are a matter of the input method, not of what the person means. Pure. */
export const asTyped = (text: string): string => text.normalize('NFKC').replace(/\s+/gu, ' ').trim();

/** Whether a person typed this very text. Nothing typed is the empty text. */
export const isTypedAs = (typed: string | null | undefined, wanted: string): boolean => asTyped(typed ?? '') === asTyped(wanted);
