/**
 * Probabilities of tokens, as the model gives them before any sampling parameter: what `logprobs` tells. Two further
 * samplers look at the same logits; the library hands whole vocabularies over slowly, so only the likeliest are asked.
 */

import type { Candidate, SaidToken } from '../batching/generation.ts';
import type { CoreBindings, CoreContext, CoreModel, CoreSampler } from './library-core.ts';

export interface TokenOdds {
  /** The token drawn at this place of the batch, beside the likeliest ones. */
  read(core: CoreContext, place: number, token: number): Promise<SaidToken>;
  dispose(): void;
}

/** A drawn token is rarely beyond these. */
const LOOKED_AT = 64;

export function createTokenOdds(bindings: CoreBindings, model: CoreModel, candidates: number): TokenOdds {
  const neutral = { topP: 1, minP: 0, seed: 1 };
  const greedy = new bindings.AddonSampler(model);
  greedy.applyConfig({ ...neutral, temperature: 0, topK: 0 });
  const likeliest = new bindings.AddonSampler(model);
  likeliest.applyConfig({ ...neutral, temperature: 1, topK: Math.max(LOOKED_AT, candidates) });
  return {
    async read(core, place, token) {
      const known = await readLikeliest(core, place, greedy, likeliest);
      const own = known.find((candidate) => candidate.token === token) ?? (await readOne(core, place, greedy, token));
      return { ...own, top: known.slice(0, candidates) };
    },
    dispose() {
      greedy.dispose();
      likeliest.dispose();
    },
  };
}

/** Their probabilities among themselves, scaled by what the first has among all. */
async function readLikeliest(
  core: CoreContext,
  place: number,
  greedy: CoreSampler,
  likeliest: CoreSampler,
): Promise<readonly Candidate[]> {
  const [, , first = 0] = await core.sampleToken(place, greedy, false, true);
  const [, pairs = []] = await core.sampleToken(place, likeliest, true);
  const scale = Math.log(first) - Math.log(pairs[1] ?? 1);
  return inPairs(pairs).map(({ token, share }) => ({ token, logprob: Math.log(share) + scale }));
}

async function readOne(core: CoreContext, place: number, greedy: CoreSampler, token: number): Promise<Candidate> {
  const [, pairs = []] = await core.sampleToken(place, greedy, true);
  const share = inPairs(pairs).find((pair) => pair.token === token)?.share ?? 0;
  return { token, logprob: Math.log(share) };
}

function inPairs(flat: readonly number[]): readonly { readonly token: number; readonly share: number }[] {
  return Array.from({ length: flat.length / 2 }, (_, at) => ({
    token: flat[2 * at] ?? 0,
    share: flat[2 * at + 1] ?? 0,
  }));
}
