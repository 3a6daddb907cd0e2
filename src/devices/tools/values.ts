/** Values as the vendors' tools print them: numbers with gaps, units, and nested JSON. Null is "it does not tell". Pure. */

/** A plain number, with or without a unit behind it; `N/A`, `[N/A]`, `[Not Supported]` and all else are null. */
export function numberIn(text: string | null | undefined): number | null {
  const match = /^(-?\d+(?:\.\d+)?)(?:\s*[a-z%°/]+)?$/i.exec(text?.trim() ?? '');
  return match?.[1] === undefined ? null : Number(match[1]);
}

/** What lies under the keys, one below the other; undefined when one of them is missing. */
export function dig(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A number, a text with a number, or `{value, unit}`. */
export function amountIn(value: unknown): number | null {
  if (isRecord(value)) return amountIn(value['value']);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'string' ? numberIn(value) : null;
}

export function textIn(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' && !/^\[?N\/A\]?$/i.test(value.trim()) ? value.trim() : null;
}

/** The JSON of an answer, also behind warnings printed before it. Throws when there is none. */
export function jsonIn(tool: string, stdout: string): unknown {
  const start = stdout.search(/^\s*[[{]/m);
  try {
    return JSON.parse(start < 0 ? '' : stdout.slice(start));
  } catch (cause) {
    throw new Error(`${tool}: its answer is no JSON: ${JSON.stringify(stdout.trim().slice(0, 80))}`, { cause });
  }
}
