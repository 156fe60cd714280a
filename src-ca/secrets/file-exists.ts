/** Is there such a file? Anything that keeps us from knowing is thrown: "not readable" must never be taken for "not there", or a second key would be made. */
import { stat } from 'node:fs/promises';

export async function fileExists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw thrown;
  }
}
