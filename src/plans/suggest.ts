/** The did-you-mean of diagnostics: the closest of some names, or other help when nothing is close. Pure. */

import { nearestNames } from '../kernel/nearest.ts';

export function closest(name: string, candidates: Iterable<string>, maxDistance: number): string | undefined {
  return nearestNames(name, candidates, maxDistance)[0];
}

/** `{ help: 'did you mean "x"?' }`, or the other help when nothing is close. */
export function didYouMean(name: string, candidates: Iterable<string>, otherwise: string): { readonly help: string } {
  const guess = closest(name, candidates, name.length < 4 ? 1 : name.length < 12 ? 2 : 3);
  return { help: guess === undefined ? otherwise : `did you mean "${guess}"?` };
}
