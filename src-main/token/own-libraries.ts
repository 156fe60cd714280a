/** Where the libraries that come with BidKey stand: dist/native beside the resources. Electron's archive cannot be loaded from; its natives lie unpacked beside it. */
import { join } from 'node:path';

export function ownLibraryFolder(resourcesFolder: string): string {
  return join(resourcesFolder, '..', 'dist', 'native').replace(/app\.asar(?=[\\/]|$)/, 'app.asar.unpacked');
}
