/** Follows a writing until it stops, step by step. Events bring the news; now and then it is asked anew, in case one was missed. */
import { DEED_PLANS } from '#shared/contract/desktop/deed-plans.ts';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { CommandContext } from './command.ts';
import type { TextKey } from './texts.ts';

const ASK_ANEW_MS = 1_000;

/** @returns the deed as it stands when it no longer runs */
export async function followDeed(context: CommandContext, begun: Deed): Promise<Deed> {
  const { engine } = context;
  const show = createStepPrinter(context);
  show(begun);
  if (begun.state !== 'running') return begun;
  return await new Promise<Deed>((settled, failed) => {
    const look = (deed: Deed) => {
      if (deed.id !== begun.id) return;
      show(deed);
      if (deed.state === 'running') return;
      clearInterval(timer);
      stopListening();
      settled(deed);
    };
    const stopListening = engine.onEvent((event) => {
      if (event.name === 'deed.changed') look(event.data);
    });
    const timer = setInterval(() => {
      engine.call('writing.get', { deedId: begun.id }).then(look, (thrown: unknown) => {
        clearInterval(timer);
        stopListening();
        failed(thrown);
      });
    }, ASK_ANEW_MS);
  });
}

/** Prints each change of a step once: `2/7 在 UKey 中生成签名密钥 … 完成`. */
function createStepPrinter({ terminal, say }: CommandContext): (deed: Deed) => void {
  const shown = new Set<string>();
  return (deed) => {
    deed.steps.forEach((step, index) => {
      const change = `${step.name} ${step.state}`;
      if (step.state === 'waiting' || shown.has(change)) return;
      shown.add(change);
      terminal.note(`${index + 1}/${deed.steps.length} ${stepName(step.name, say)} … ${say(`stepState-${step.state}`)}`);
    });
  };
}

/** Steps that this version has no text for are shown by their name. */
export function stepName(name: string, say: CommandContext['say']): string {
  const key = `step-${name}`;
  return isStepKey(key) ? say(key) : name;
}

const isStepKey = (key: string): key is TextKey => STEP_KEYS.has(key);
const STEP_KEYS: ReadonlySet<string> = new Set<TextKey>(Object.values(DEED_PLANS).flat().map((name) => `step-${name}` as const));
