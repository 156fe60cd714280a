/** Every Chinese text of the screens, by file of resources/locales/zh-CN. Loaded only when the language is chosen. */
export const texts = import.meta.glob<Record<string, unknown>>(['../../../resources/locales/zh-CN/desktop.json', '../../../resources/locales/zh-CN/errors/*.json'], { eager: true, import: 'default' });
