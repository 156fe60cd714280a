/** A text that a person types to confirm something, as it is compared. Full-width forms and spaces are a matter of the input method, not of what the person means. Pure. */
export const asTyped = (text: string): string => text.normalize('NFKC').replace(/\s+/gu, ' ').trim();
