/** `drover logs`: the output of an instance. */

import type { CliContext } from '../context.ts';

export interface LogFlags {
  readonly tail?: number;
  readonly follow: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly both: boolean;
}

export async function logs(this: CliContext, flags: LogFlags, name: string): Promise<void> {
  const { tail, follow } = flags;
  const chunks = this.client.instanceLogs(name, { stream: streamOf(flags), tail, follow, signal: this.signal });
  for await (const chunk of chunks) await this.out.send(chunk);
}

/** Both, unless exactly one is asked for. */
export function streamOf({ stdout, stderr, both }: Omit<LogFlags, 'follow'>): 'stdout' | 'stderr' | 'both' {
  if (both || stdout === stderr) return 'both';
  return stdout ? 'stdout' : 'stderr';
}
