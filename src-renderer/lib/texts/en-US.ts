/** Every English text of the screens, by file of resources/locales/en-US. Loaded only when the language is chosen. */
export const texts = import.meta.glob<Record<string, unknown>>(['../../../resources/locales/en-US/desktop.json', '../../../resources/locales/en-US/errors/*.json'], { eager: true, import: 'default' });
