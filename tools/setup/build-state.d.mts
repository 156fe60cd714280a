/** Types of build-state.mjs for the tests; the program itself must run before anything is installed. */
export function isBuilt(root: string): boolean;
export function markBuilt(root: string, startedMs: number): void;
