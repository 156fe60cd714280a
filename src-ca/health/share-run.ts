/** One run for all who ask while it goes on: work that anyone may ask for costs the service no more than once at a time. */
export function shareRun<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null;
  return () => (running ??= run().finally(() => { running = null; }));
}
