/** `drover models copy`: carries a model from the controller that the command talks to, to another one. */

import { copyModel } from '../../../client/model-copy.ts';
import type { Copied, CopyProgress } from '../../../client/model-copy.ts';
import { EXIT } from '../../../contract/exit-codes.ts';
import type { Clock } from '../../../kernel/clock.ts';
import type { CliContext } from '../../context.ts';
import type { Coming } from './progress-bar.ts';
import { createProgressLine, showReady } from './progress-line.ts';

interface CopyFlags {
  readonly force: boolean;
  readonly json: boolean;
}

const SHOW_EVERY_MS = 500;

export async function copy(this: CliContext, flags: CopyFlags, id: string, host: string): Promise<void> {
  const copied = await carry(this, flags, id, host);
  if (copied !== null) {
    return showReady(this, flags, copied.model, copied.kind === 'present' ? `is on ${host} already` : `is on ${host}`);
  }
  this.err.line(`what came of ${id} stays on ${host}; the same command goes on from there`);
  this.end(EXIT.interrupted);
}

/** Null when the command was ended. */
async function carry(
  context: CliContext,
  { force, json }: CopyFlags,
  id: string,
  host: string,
): Promise<Copied | null> {
  const { client, clock, signal } = context;
  const to = await context.clientOf(host);
  using line = createProgressLine(context, { json });
  const meter = createMeter(id, clock);
  const wait = (ms: number, wake?: AbortSignal): Promise<void> => clock.sleep(ms, wake);
  try {
    return await copyModel({
      id,
      from: client,
      to,
      replace: force,
      wait,
      signal,
      onProgress: (progress) => {
        const coming = meter(progress);
        if (coming !== null) line.show(coming);
      },
    });
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

/** What there is to show, or null so soon after the last time. */
function createMeter(model: string, clock: Clock): (progress: CopyProgress) => Coming | null {
  let first: { readonly at: number; readonly bytes: number } | null = null;
  let shown = { at: Number.NEGATIVE_INFINITY, phase: '' };
  return ({ phase, receivedBytes, totalBytes }) => {
    const at = clock.monotonic();
    first ??= { at, bytes: receivedBytes };
    if (phase === shown.phase && at - shown.at < SHOW_EVERY_MS) return null;
    shown = { at, phase };
    const seconds = (at - first.at) / 1_000;
    const rate = seconds === 0 ? null : (receivedBytes - first.bytes) / seconds;
    return {
      model,
      phase,
      received_bytes: receivedBytes,
      total_bytes: totalBytes,
      bytes_per_second: rate === null ? null : Math.round(rate),
      eta_ms: rate === null || rate < 1 ? null : Math.round(((totalBytes - receivedBytes) / rate) * 1_000),
      note: null,
    };
  };
}
