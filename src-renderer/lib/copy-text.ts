/** Puts text on the clipboard. Shells refuse the clipboard permission, so the old way by selection is tried second. */

/** @returns false when neither way works; the caller then shows the text for copying by hand */
export async function copyText(text: string): Promise<boolean> {
  if (await navigator.clipboard?.writeText(text).then(() => true, () => false)) return true;
  return copyBySelection(text);
}

function copyBySelection(text: string): boolean {
  const focused = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.setAttribute('aria-hidden', 'true');
  field.className = 'bk-offscreen';
  document.body.append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
