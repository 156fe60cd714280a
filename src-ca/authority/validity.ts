/** Validity of certificates by calendar years. */

/** The last second before the same day and time that many years later; 29 February counts as 1 March in other years. Whole seconds. */
export function endOfYears(notBefore: Date, years: number): Date {
  const end = new Date(Math.floor(notBefore.getTime() / 1000) * 1000);
  end.setUTCFullYear(end.getUTCFullYear() + years);
  return new Date(end.getTime() - 1000);
}
