/** What a remote server's answers to a probe mean: as llama-server's, and a refused key is said in words. Pure. */

import type { HealthReading, ProbeReply } from '../engine.ts';
import { classifyHealth as classifyAsLlamaServer } from '../llama-server/health.ts';

export { healthPaths } from '../llama-server/health.ts';

export function classifyHealth(reply: ProbeReply): HealthReading {
  const refused = reply.kind === 'response' && (reply.status === 401 || reply.status === 403);
  if (refused) return { health: 'error', detail: `HTTP ${reply.status}: the key is refused` };
  return classifyAsLlamaServer(reply);
}
