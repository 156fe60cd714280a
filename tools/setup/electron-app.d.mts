/** Types of electron-app.mjs for the tests; the program itself must run before anything is installed. */
export function prepareElectronApp(root: string, say: (line: string) => void, rebuild?: (root: string, app: string) => boolean): string | null;
