/** Where this installation of Drover lies on the disk. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of a file of the package, such as `bin/drover.js`; the same from sources, built and bundled code. */
export function installedFile(path: string): string {
  return join(packageFolder(dirname(fileURLToPath(import.meta.url))), path);
}

function packageFolder(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : packageFolder(dirname(folder));
}
