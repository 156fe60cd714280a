/**
 * Styles that components make at run time, as constructed style sheets on document.adoptedStyleSheets. Takes the place of
 * @rc-component/util/es/Dom/dynamicCSS (see vite.config.ts) and keeps its signatures. Why: the Content-Security-Policy of the screens is
 * `style-src 'self'`; <style> elements are refused there, constructed sheets are not, because only running script can make them.
 */

interface StyleOptions {
  /** 'queue': among the first sheets, in the order of priority; true: before all; otherwise after all. */
  readonly prepend?: boolean | 'queue';
  readonly priority?: number;
}

interface Adopted {
  readonly key: string | null;
  readonly place: 'queue' | 'first' | 'last';
  readonly priority: number;
  readonly sheet: CSSStyleSheet;
  /** Callers mark the element they get back; it is never put into the document. */
  readonly marker: HTMLStyleElement;
}

/** In cascade order, in step with document.adoptedStyleSheets. */
const adopted: Adopted[] = [];

export function injectCSS(css: string, options: StyleOptions = {}): HTMLStyleElement {
  return adopt(css, null, options).marker;
}

export function updateCSS(css: string, key: string, options: StyleOptions = {}): HTMLStyleElement {
  const known = adopted.find((entry) => entry.key === key);
  if (!known) return adopt(css, key, options).marker;
  known.sheet.replaceSync(css);
  return known.marker;
}

export function removeCSS(key: string): void {
  const index = adopted.findIndex((entry) => entry.key === key);
  if (index < 0) return;
  adopted.splice(index, 1);
  document.adoptedStyleSheets.splice(index, 1);
}

export function clearContainerCache(): void {
  // Nothing is cached per container: all sheets belong to the document.
}

function adopt(css: string, key: string | null, options: StyleOptions): Adopted {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  const place = options.prepend === 'queue' ? 'queue' : options.prepend ? 'first' : 'last';
  const entry: Adopted = { key, place, priority: options.priority ?? 0, sheet, marker: document.createElement('style') };
  const index = placeFor(entry);
  adopted.splice(index, 0, entry);
  document.adoptedStyleSheets.splice(index, 0, sheet);
  return entry;
}

function placeFor(entry: Adopted): number {
  if (entry.place === 'last') return adopted.length;
  if (entry.place === 'first') return 0;
  return adopted.findLastIndex((other) => other.place !== 'last' && other.priority <= entry.priority) + 1;
}
