/** Where the output of an instance lies. Names only. */

import { join } from 'node:path';

interface LogFiles {
  readonly folder: string;
  readonly stdout: string;
  readonly stderr: string;
}

export function logFiles(home: string, name: string): LogFiles {
  const folder = join(home, 'logs', 'instances', name);
  return { folder, stdout: join(folder, 'stdout.log'), stderr: join(folder, 'stderr.log') };
}
