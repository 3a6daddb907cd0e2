/**
 * Whether a prompt fits the context of its model, before a slot is taken. Its bytes settle most cases; where they do
 * not, an engine's tokeniser is asked. Where nobody can be asked the engine has the only word, and says so itself.
 */

import type { AppError } from '../../contract/errors.ts';
import type { ClientCall } from '../protocols/call.ts';
import type { EngineAddress } from '../placing/instance-mirror.ts';
import type { SmallAnswer, Upstreams } from '../relay/upstream.ts';
import type { Dispatcher } from '../slots/dispatcher.ts';
import { contextExceeded } from './context-error.ts';
import { CHAT_TOKENS_PATH, countTokens, isUnserved } from './count-tokens.ts';
import { leastTokens, promptOf, surelyFits, surelyTooLong } from './prompt.ts';

type Fit =
  /** `tokens`: what an instance must have room for; null when every one has. */
  { readonly kind: 'fits'; readonly tokens: number | null } | { readonly kind: 'too-long'; readonly error: AppError };

/** Never rejects. An abort ends it early, with any answer. */
export type ContextCheck = (model: string, call: Pick<ClientCall, 'forEngine'>, signal: AbortSignal) => Promise<Fit>;

interface ContextCheckDeps {
  readonly dispatcher: Pick<Dispatcher, 'contextRange' | 'readyEngine'>;
  readonly upstreams: Pick<Upstreams, 'ask'>;
}

const PATIENCE_MS = 5_000;
const FITS: Fit = { kind: 'fits', tokens: null };

export function createContextCheck({ dispatcher, upstreams }: ContextCheckDeps): ContextCheck {
  // By the address of one report: another server in its place is asked again.
  const unable = new WeakSet<EngineAddress>();

  async function ask(engine: EngineAddress, path: string, body: Buffer, signal: AbortSignal): Promise<SmallAnswer> {
    const answer = await upstreams.ask(engine, path, body, PATIENCE_MS, signal);
    if (path !== CHAT_TOKENS_PATH && isUnserved(answer)) unable.add(engine);
    return answer;
  }

  return async (model, call, signal) => {
    const range = dispatcher.contextRange(model);
    const chat = call.forEngine('embedded');
    if (range === null || surelyFits(chat.body.length, range)) return FITS;
    const prompt = promptOf(chat);
    if (prompt === null) return FITS;
    if (surelyTooLong(prompt, range)) return tooLong(leastTokens(prompt), range.roomiest);
    const engine = dispatcher.readyEngine(model);
    if (engine === null || unable.has(engine)) return FITS;
    try {
      const tokens = await countTokens(prompt, (path, body) => ask(engine, path, body, signal));
      return tokens < range.roomiest ? { kind: 'fits', tokens } : tooLong(tokens, range.roomiest);
    } catch {
      return FITS; // it will say itself what it has against the prompt
    }
  };
}

function tooLong(tokens: number, context: number): Fit {
  return { kind: 'too-long', error: contextExceeded(tokens, context) };
}
