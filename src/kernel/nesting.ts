/** How deep a value is nested: what is deeper than people write would overflow whoever walks it. Pure. */

/** Configs and plans need five; a JSON Schema in a request a few dozen. */
export const DEEPEST = 200;

export function isTooDeep(value: unknown, left: number = DEEPEST): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return left === 0 || Object.values(value).some((part) => isTooDeep(part, left - 1));
}
