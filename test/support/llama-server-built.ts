/** Before a file that needs a real llama-server: waits for the build that `npm test` started, if it did. */

import { setTimeout as pause } from 'node:timers/promises';

const build = Number(process.env['DROVER_LLAMA_SERVER_BUILD'] ?? 0);

while (build !== 0 && isRunning(build)) await pause(500);

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
