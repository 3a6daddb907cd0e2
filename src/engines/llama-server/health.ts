/** What llama-server's answers to a health probe mean. Pure: the supervisor decides what to do about it. */

import type { HealthReading, ProbeReply } from '../engine.ts';

/** Older builds and compatible servers lack the first ones. */
const HEALTH_PATHS: readonly string[] = ['/health', '/v1/health', '/v1/models'];

/** The configured path first, then the usual ones. */
export function healthPaths(configured: string): readonly string[] {
  return [configured, ...HEALTH_PATHS.filter((path) => path !== configured)];
}

export function classifyHealth(reply: ProbeReply): HealthReading {
  switch (reply.kind) {
    case 'response':
      return classifyStatus(reply.status, reply.body);
    case 'refused':
      return { health: 'unhealthy', detail: 'unreachable' };
    case 'timeout':
      return { health: 'unhealthy', detail: 'timeout' };
    case 'failed':
      return { health: 'unhealthy', detail: `unreachable: ${reply.message}` };
    default:
      return reply satisfies never;
  }
}

function classifyStatus(status: number, body: string): HealthReading {
  if (status >= 200 && status < 300) return { health: 'healthy', detail: null };
  if (status === 404) return { health: 'wrong-path' };
  if (status === 503) return { health: 'loading', detail: loadingProgress(body) };
  return { health: 'error', detail: `HTTP ${status}` };
}

/** `37%` where the engine tells how far its load is; null otherwise. */
function loadingProgress(body: string): string | null {
  const match = /"progress"\s*:\s*(0(?:\.\d+)?|1(?:\.0+)?)\b/.exec(body);
  return match === null ? null : `${Math.round(Number(match[1]) * 100)}%`;
}
