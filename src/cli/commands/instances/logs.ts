/** `drover logs`: the output of an instance. */

import { parseDuration } from '../../../contract/durations.ts';
import { AppError } from '../../../contract/errors.ts';
import { isoTime, parseTime } from '../../../kernel/clock.ts';
import type { CliContext } from '../../context.ts';

export interface StreamFlags {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly both: boolean;
}

export interface LogFlags extends StreamFlags {
  readonly tail?: number;
  readonly follow: boolean;
  readonly since?: string;
}

export async function logs(this: CliContext, flags: LogFlags, name: string): Promise<void> {
  const { tail, follow } = flags;
  const stream = streamOf(flags, 'stdout');
  const since = flags.since === undefined ? undefined : moment(flags.since, this.clock.now());
  const unasked = stream === 'stdout' && !flags.stdout;
  if (unasked && follow) await hint(this, name);
  const options = { stream, tail, since, follow, signal: this.signal };
  let isEmpty = true;
  for await (const chunk of this.client.instanceLogs(name, options)) {
    isEmpty = false;
    await this.out.send(chunk);
  }
  if (unasked && !follow && isEmpty) await hint(this, name);
}

/** Many engines, llama-server among them, tell everything on stderr. */
async function hint({ client, err }: CliContext, name: string): Promise<void> {
  const [out, other] = await Promise.all([hasText('stdout'), hasText('stderr')]);
  if (!out && other) err.line(`stdout is empty; stderr is not: drover logs ${name} --stderr`);

  async function hasText(stream: 'stdout' | 'stderr'): Promise<boolean> {
    for await (const _text of client.instanceLogs(name, { stream, tail: 1 })) return true;
    return false;
  }
}

/** A moment, or a time ago, in ISO 8601. */
function moment(text: string, now: number): string {
  const ago = parseDuration(text);
  const at = ago === null ? parseTime(text) : now - ago;
  if (at !== null) return isoTime(at);
  throw new AppError('INVALID_REQUEST', `"${text}" is no time`, {
    hint: 'write 30s, 10m or 2h ago, or a moment such as 2026-02-21T10:15:00Z',
  });
}

/** What is asked for; `otherwise` when that is nothing. */
export function streamOf(
  { stdout, stderr, both }: StreamFlags,
  otherwise: 'stdout' | 'both',
): 'stdout' | 'stderr' | 'both' {
  if (both || (stdout && stderr)) return 'both';
  if (stderr) return 'stderr';
  return stdout ? 'stdout' : otherwise;
}
