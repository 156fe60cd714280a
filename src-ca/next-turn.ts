/** A pause in long work: everybody else who waits for the one thread of the service has a turn. */
import { setImmediate } from 'node:timers/promises';

export async function nextTurn(): Promise<void> {
  await setImmediate();
}
