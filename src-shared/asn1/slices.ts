/**
 * Long work that can be carried out in slices: it yields now and then, and whoever drives it does something else meanwhile. A revocation list of
 * 100,000 entries takes a processor for a second, and a service has others to answer. Pure: the driver brings the pause.
 */

/** Yields between slices of a few milliseconds; the answer comes at the end. */
export type Slices<T> = Generator<undefined, T, undefined>;

/** All slices one after the other. @throws what the work throws */
export function atOnce<T>(work: Slices<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** Pauses after each slice. @throws what the work throws */
export async function inSlices<T>(work: Slices<T>, pause: () => Promise<void>): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    await pause();
  }
}
