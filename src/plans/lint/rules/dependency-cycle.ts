/** P022: tasks that wait for each other in a circle; the path is printed. */
import type { Rule } from '../rule.ts';

const SHOWN = 12;

export const dependencyCycle: Rule = {
  code: 'P022',
  severity: 'error',
  check: ({ ordering, byId }) => {
    if (ordering.kind === 'ordered') return [];
    const [first = '', second = ''] = ordering.path;
    // The path runs forwards, so it is the second that waits for the first.
    const edge = byId.get(second)?.dependencies.find(({ target }) => target === first);
    if (edge === undefined) return [];
    return [{ at: edge.ref.at, message: `cycle: ${shown(ordering.path)}`, help: 'remove one of these dependencies' }];
  },
};

function shown(path: readonly string[]): string {
  if (path.length <= SHOWN) return path.join(' → ');
  return [...path.slice(0, SHOWN - 2), `… ${path.length - SHOWN + 1} more …`, path.at(-1)].join(' → ');
}
