/**
 * Calls of a llama-server as it must get them so that it stops when their client leaves: it looks after him where it
 * writes to him, so what is wanted whole is asked for as a stream too, and put together here. Pure.
 */

import type { EngineCall, EngineKind, Fold } from '../call.ts';
import { parseFields, toBytes, without } from '../fields.ts';
import type { Fields } from '../fields.ts';
import { withProgress } from './prompt-progress.ts';
import { WholeChoices, WholeNative } from './whole-answer.ts';

export interface Wanted {
  readonly stream: boolean;
  /** Null: the client set no limit. */
  readonly maxTokens: number | null;
}

/** What is this short ends before anybody could leave it; a stream would only cost. */
const BRIEF_BYTES = 2_048;
const BRIEF_TOKENS = 32;

/** Has no effect on what is wanted whole. */
const OWN_WISH: ReadonlySet<string> = new Set(['return_progress']);

export function leavable(call: EngineCall, kind: EngineKind, wanted: Wanted): EngineCall {
  if (kind !== 'llama-server') return call;
  if (wanted.stream) return withProgress(call);
  return isBrief(call, wanted) ? call : (folded(call) ?? call);
}

function isBrief({ body }: EngineCall, { maxTokens }: Wanted): boolean {
  return body.length <= BRIEF_BYTES && maxTokens !== null && maxTokens >= 0 && maxTokens <= BRIEF_TOKENS;
}

const COMPLETIONS: ReadonlySet<string> = new Set(['/v1/chat/completions', '/v1/completions', '/completion', '/infill']);

/** Null for what is not a completion, or more than one. */
function folded(call: EngineCall): EngineCall | null {
  if (!COMPLETIONS.has(call.path)) return null;
  const fields = parseFields(call.body) ?? {};
  const fold = foldOf(call.path, fields);
  return fold === null ? null : streamed(call, fields, fold);
}

function foldOf(path: string, fields: Fields): Fold | null {
  if (path === '/v1/chat/completions') return new WholeChoices();
  if (path === '/v1/completions') return typeof fields['prompt'] === 'string' ? new WholeChoices() : null;
  return isOneOfItsOwn(path, fields) ? new WholeNative(fields['return_tokens'] === true) : null;
}

/** A list of prompts, or several answers, are a list of answers; some fields alone are another shape. */
function isOneOfItsOwn(path: string, { prompt, n, n_cmpl: count, response_fields: only }: Fields): boolean {
  const isOnePrompt = path === '/infill' || typeof prompt === 'string';
  return isOnePrompt && (n ?? 1) === 1 && (count ?? 1) === 1 && only === undefined;
}

function streamed(call: EngineCall, fields: Fields, fold: Fold): EngineCall {
  const body = { ...without(fields, OWN_WISH), stream: true, stream_options: { include_usage: true } };
  return { ...withProgress({ ...call, body: toBytes(body) }), fold };
}
