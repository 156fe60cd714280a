/** Types of choose-shell.mjs for the tests; the program itself must run before anything is installed. */
export type ChosenShell = { readonly name: 'electron'; readonly reason: string; readonly binary: string } | { readonly name: 'local'; readonly reason: string };
export function chooseShell(root: string, args: readonly string[], environment: NodeJS.ProcessEnv, userId: number | undefined, platform?: NodeJS.Platform): ChosenShell;
export function electronBinary(root: string, environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | null;
