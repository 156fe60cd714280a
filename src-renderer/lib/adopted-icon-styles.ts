/** Takes the place of @ant-design/icons/es/cssUtils (see vite.config.ts): the icons' one style goes the way of lib/adopted-styles.ts. */
export { updateCSS } from './adopted-styles.ts';

/** The screens have no shadow roots. */
export function getShadowRoot(): null {
  return null;
}

export function warningOnce(valid: boolean, message: string): void {
  if (!valid) console.error(`Warning: ${message}`);
}
