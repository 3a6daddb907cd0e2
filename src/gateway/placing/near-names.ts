/** Names that somebody may have meant: close in spelling, or one containing the other. Pure. */

import { editDistance } from '../../kernel/index.ts';

const MOST = 3;
/** Longer names are nobody's typing error. */
const LONGEST = 200;

export function nearNames(wanted: string, known: readonly string[]): readonly string[] {
  if (wanted.length > LONGEST) return [];
  const lower = wanted.toLowerCase();
  return known
    .map((name) => ({ name, distance: closeness(lower, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.max(2, Math.floor(wanted.length / 3)))
    .toSorted((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, MOST)
    .map(({ name }) => name);
}

function closeness(wanted: string, name: string): number {
  if (wanted.length >= 3 && (name.includes(wanted) || wanted.includes(name))) return 1;
  return editDistance(wanted, name);
}
