/**
 * Whether a prompt fits the context of its model, before a slot is taken. Its bytes settle most cases; where they do
 * not, an engine's tokeniser is asked. Where nobody can be asked the engine has the only word, and says so itself.
 */

import type { AppError } from '../../contract/errors.ts';
import type { ClientCall } from '../protocols/call.ts';
import type { Upstreams } from '../relay/upstream.ts';
import type { Dispatcher } from '../slots/dispatcher.ts';
import { contextExceeded } from './context-error.ts';
import { countTokens } from './count-tokens.ts';
import { leastTokens, promptOf, surelyFits, surelyTooLong } from './prompt.ts';

export type Fit =
  /** `tokens`: what an instance must have room for; null when every one has. */
  { readonly kind: 'fits'; readonly tokens: number | null } | { readonly kind: 'too-long'; readonly error: AppError };

/** Never rejects. An abort ends it early, with any answer. */
export type ContextCheck = (model: string, call: Pick<ClientCall, 'forEngine'>, signal: AbortSignal) => Promise<Fit>;

export interface ContextCheckDeps {
  readonly dispatcher: Pick<Dispatcher, 'contextRange' | 'readyEngine'>;
  readonly upstreams: Pick<Upstreams, 'ask'>;
}

const PATIENCE_MS = 5_000;
const FITS: Fit = { kind: 'fits', tokens: null };

export function createContextCheck({ dispatcher, upstreams }: ContextCheckDeps): ContextCheck {
  return async (model, call, signal) => {
    const range = dispatcher.contextRange(model);
    const chat = call.forEngine('embedded');
    if (range === null || surelyFits(chat.body.length, range)) return FITS;
    const prompt = promptOf(chat);
    if (prompt === null) return FITS;
    if (surelyTooLong(prompt, range)) return tooLong(leastTokens(prompt), range.roomiest);
    const engine = dispatcher.readyEngine(model);
    if (engine === null) return FITS;
    try {
      const tokens = await countTokens(prompt, (path, body) => upstreams.ask(engine, path, body, PATIENCE_MS, signal));
      return tokens < range.roomiest ? { kind: 'fits', tokens } : tooLong(tokens, range.roomiest);
    } catch {
      return FITS; // it will say itself what it has against the prompt
    }
  };
}

function tooLong(tokens: number, context: number): Fit {
  return { kind: 'too-long', error: contextExceeded(tokens, context) };
}
