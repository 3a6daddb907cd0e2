/** The did-you-mean: the closest of some names by edit distance (insert, delete, replace, swap neighbours). */

export function closest(name: string, candidates: Iterable<string>, maxDistance: number): string | undefined {
  let best: string | undefined;
  let bestDistance = maxDistance + 1;
  const folded = name.toLowerCase();
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(folded, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `{ help: 'did you mean "x"?' }`, or the other help when nothing is close. */
export function didYouMean(name: string, candidates: Iterable<string>, otherwise: string): { readonly help: string } {
  const guess = closest(name, candidates, name.length < 12 ? 2 : 3);
  return { help: guess === undefined ? otherwise : `did you mean "${guess}"?` };
}

export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) current.push(cell(a, b, i, j, current, last, beforeLast));
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}

function cell(
  a: string,
  b: string,
  i: number,
  j: number,
  current: readonly number[],
  last: readonly number[],
  beforeLast: readonly number[],
): number {
  const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
  const best = Math.min((last[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, replaced);
  const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
  return swapped ? Math.min(best, (beforeLast[j - 2] ?? 0) + 1) : best;
}
