/** Collects what a page complains about: uncaught exceptions, console errors (refusals of the Content-Security-Policy among them). */
import { expect, type Page } from '@playwright/test';

/** @returns call at the end: fails when there were any */
export function failOnPageErrors(page: Page): () => void {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`);
  });
  return () => expect(complaints).toEqual([]);
}
