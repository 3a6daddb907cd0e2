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

/** Null for what is not a completion, or more than one. */
function folded(call: EngineCall): EngineCall | null {
  switch (call.path) {
    case '/v1/chat/completions':
      return streamed(call, parseFields(call.body) ?? {}, new WholeChoices());
    case '/v1/completions': {
      const fields = parseFields(call.body) ?? {};
      return typeof fields['prompt'] === 'string' ? streamed(call, fields, new WholeChoices()) : null;
    }
    case '/completion':
    case '/infill': {
      const fields = parseFields(call.body) ?? {};
      return isOneOfItsOwn(call.path, fields) ? streamed(call, fields, new WholeNative(keepsTokens(fields))) : null;
    }
    default:
      return null;
  }
}

/** A list of prompts, or several answers, are a list of answers; some fields alone are another shape. */
function isOneOfItsOwn(path: string, { prompt, n, n_cmpl: count, response_fields: only }: Fields): boolean {
  const isOnePrompt = path === '/infill' || typeof prompt === 'string';
  return isOnePrompt && (n ?? 1) === 1 && (count ?? 1) === 1 && only === undefined;
}

function keepsTokens({ return_tokens: wish }: Fields): boolean {
  return wish === true;
}

function streamed(call: EngineCall, fields: Fields, fold: Fold): EngineCall {
  const body = { ...without(fields, OWN_WISH), stream: true, stream_options: { include_usage: true } };
  return { ...withProgress({ ...call, body: toBytes(body) }), fold };
}
