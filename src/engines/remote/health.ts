/** What a remote server's answers to a probe mean: as llama-server's, and a refused key is said in words. Pure. */

import type { HealthReading, ProbeReply } from '../engine.ts';
import { readAsLlamaServer } from '../llama-server/reading.ts';

export function classifyHealth(reply: ProbeReply): HealthReading {
  const refused = reply.kind === 'response' && (reply.status === 401 || reply.status === 403);
  if (refused) return { health: 'error', detail: `HTTP ${reply.status}: the key is refused` };
  return readAsLlamaServer.classifyHealth(reply);
}
