/** Collects what a page complains about: uncaught exceptions, console errors (refusals of the Content-Security-Policy among them). */
import { expect, type Page } from '@playwright/test';

/** @param allowed complaints that belong to the journey, as the browser's about an answer that refuses, which it does not always make @returns call at the end: fails when there were others */
export function failOnPageErrors(page: Page, allowed: readonly string[] = []): () => void {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // A browser may ask for an icon of its own accord, before a page has named one.
    if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico')) complaints.push(message.text());
  });
  return () => expect(complaints.filter((complaint) => !allowed.includes(complaint))).toEqual([]);
}
