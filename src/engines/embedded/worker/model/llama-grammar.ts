/** Grammars of the library: compiled from GBNF, and a place in one for each generation. */

import type { LlamaGrammar } from 'node-llama-cpp';

import { ApiError } from '../api-error.ts';
import type { Grammar } from '../batching/generation.ts';
import { coreBindings, coreGrammarState } from './library-core.ts';
import type { LoadedModel } from './load-model.ts';

/** A grammar as the library compiled it. */
interface LlamaCompiledGrammar extends Grammar {
  readonly compiled: LlamaGrammar;
}

/** Rejects with an ApiError when the text is no grammar that the library can use. */
export async function compileGrammar(loaded: LoadedModel, text: string): Promise<Grammar> {
  try {
    const compiled = await loaded.llama.createGrammar({ grammar: text });
    const grammar: LlamaCompiledGrammar = { kind: 'grammar', compiled };
    if (isUsable(loaded, grammar)) return grammar;
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  throw invalid('a rule is missing, or begins with itself');
}

/** A place in a grammar, behind what was said already; null when the grammar forbids that. */
export function grammarState(loaded: LoadedModel, grammar: Grammar, said: string): unknown {
  const state = startState(loaded, grammar);
  const tokens = said === '' ? [] : loaded.model.tokenize(said, true);
  return tokens.every((token) => accepts(loaded, state, token)) ? state : null;
}

function startState({ library, model }: LoadedModel, grammar: Grammar): unknown {
  const { compiled } = grammar as LlamaCompiledGrammar;
  return coreGrammarState(new library.LlamaGrammarEvaluationState({ model, grammar: compiled }));
}

/** The library only finds out here, and keeps it to itself: such a grammar allows no token and refuses none. */
function isUsable(loaded: LoadedModel, grammar: Grammar): boolean {
  const [token] = loaded.model.tokenize('a', false);
  if (token === undefined) return true;
  const { AddonSampler } = coreBindings(loaded.llama);
  const state = startState(loaded, grammar);
  return AddonSampler.canBeNextTokenForGrammarEvaluationState(state, token) || !accepts(loaded, state, token);
}

/** Moves on by one token. False: the grammar forbids it. */
function accepts({ llama }: LoadedModel, state: unknown, token: number): boolean {
  try {
    coreBindings(llama).AddonSampler.acceptGrammarEvaluationStateToken(state, token);
    return true;
  } catch {
    return false; // this is how the library says no
  }
}

function invalid(reason: string): ApiError {
  return new ApiError('invalid_request_error', `the grammar is invalid: ${reason}`);
}
