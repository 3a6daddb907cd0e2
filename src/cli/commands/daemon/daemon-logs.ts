/** `drover daemon logs`: the log of the controller, or of the agent, on this machine. */

import { existsSync } from 'node:fs';

import { readLogs } from '../../../kernel/logs/read-logs.ts';
import type { CliContext } from '../../context.ts';

interface DaemonLogFlags {
  readonly follow: boolean;
  readonly agent: boolean;
  readonly tail?: number;
}

export async function logs(this: CliContext, { follow, agent, tail }: DaemonLogFlags): Promise<void> {
  const { clock, err, out, paths, signal } = this;
  const file = agent ? paths.agentLog : paths.controllerLog;
  if (!existsSync(file)) err.line(`there is no log yet at ${file}`);
  const reading = { paths: [file], tailLines: tail, follow, signal, clock };
  for await (const lines of readLogs(reading)) await out.send(lines);
}
