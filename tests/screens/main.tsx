/** The real screens over the engine in memory; the scene comes from the address, and tests drive the engine through `window.memory`. */
import { startDesktop } from '../../src-renderer/desktop/start.tsx';
import { createMemoryEngine, type MemoryEngine } from './memory-engine.ts';
import { SCENES } from './scenes.ts';

declare global {
  interface Window {
    memory: MemoryEngine;
  }
}

const name = new URLSearchParams(location.search).get('scene') ?? 'first-day';
const scene = SCENES[name];
if (scene === undefined) throw new Error(`no scene ${name}`);
window.memory = createMemoryEngine(scene());
void startDesktop(window.memory.bridge, document.getElementById('root'));
