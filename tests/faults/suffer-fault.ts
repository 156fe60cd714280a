/** One fault, from the standstill of the deed to the engine that a person goes on with. */
import { letGoOn, startEngine, untilHeld, untilStandstill, type Case, type Customer, type EngineProcess } from './fault-world.ts';
import type { Fault, Scene } from './fault-kinds.ts';

/** The engine that runs now: whoever began it ends it, also when something went wrong in between. */
export interface Running {
  engine: EngineProcess;
}

/** Strikes while the deed stands still, lets it go on to its end or standstill, mends, and signs in again. @param starting the call that began the deed */
export async function sufferFault(running: Running, one: Case, fault: Fault, starting: Promise<unknown>, customer: Customer): Promise<void> {
  const scene: Scene = { one, engine: running.engine, hostPids: await untilHeld(one.dataFolder) };
  await fault.strike(scene);
  letGoOn(one.dataFolder);
  if (fault.endsEngine) {
    running.engine = await startEngine(one, null);
  } else {
    await starting;
    for (const deed of await running.engine.call('writing.listUnfinished', undefined as never)) await untilStandstill(running.engine, deed.id);
  }
  await fault.mend({ ...scene, engine: running.engine });
  await running.engine.call('session.logIn', customer.login);
}
