/**
 * llama-server looks for a client that has left only where it writes to him, or after a second in which it answered
 * nobody. While it reads a prompt it writes when it is asked to tell how far it is; so it is asked, and what it tells is
 * taken out again. Pure.
 */

import type { EngineCall } from '../call.ts';

const WISH = Buffer.from('"return_progress":true,');
const NAME = '"return_progress"';
const TOLD = '"prompt_progress":{';
/** They answer with chunks that may be left out. */
const PATHS: ReadonlySet<string> = new Set(['/v1/chat/completions', '/v1/completions', '/completion', '/infill']);

/** The same call of a streamed answer. A client who asks for progress himself gets it. */
export function withProgress(call: EngineCall): EngineCall {
  if (!PATHS.has(call.path) || call.body.includes(NAME)) return call;
  const open = call.body.indexOf('{') + 1;
  const body = Buffer.concat([call.body.subarray(0, open), WISH, call.body.subarray(open)]);
  return { ...call, body, beforeContent: withoutProgress };
}

/** Whole frames, without those that only tell of progress. */
function withoutProgress(frames: Buffer): Buffer {
  if (!frames.includes(TOLD)) return frames;
  const kept = frames
    .toString('utf8')
    .split('\n\n')
    .filter((frame) => !frame.includes(TOLD));
  return Buffer.from(kept.join('\n\n'));
}
