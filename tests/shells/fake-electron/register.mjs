/** Leads `import 'electron'` to the fake. Use: node --import tsx --import …/register.mjs dist/electron-main.js */
import { register } from 'node:module';

const fake = new URL('./electron-module.ts', import.meta.url).href;
// Handed on, not answered: the next hook is tsx, which knows what to do with TypeScript.
const hook = `export const resolve = (name, context, next) => next(name === 'electron' ? ${JSON.stringify(fake)} : name, context);`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
