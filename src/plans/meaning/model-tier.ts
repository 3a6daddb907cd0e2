/** How large a model is, as `llm_min_tier` counts it. */

/** A model of tier N+1 has at least this many parameters. */
const STEPS: readonly number[] = [3e9, 9e9, 20e9, 50e9];

/** 1 below 3 billion parameters, 2 from 3, 3 from 9, 4 from 20, 5 from 50 billion on. */
export function tierOf(parameters: number): number {
  return 1 + STEPS.filter((least) => parameters >= least).length;
}
