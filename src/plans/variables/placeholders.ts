/**
 * Finds `{NAME}`, `{ITEM.field}` and `{raw:NAME}` in a text and says what each is, given the declared names. It knows
 * nothing of shells; what stands for a value is decided by the caller.
 */

export interface Placeholder {
  /** The name before the first dot, without `raw:`. */
  readonly root: string;
  /** Dotted path after the root; empty for `{NAME}` and `{ITEM}`. */
  readonly path: readonly string[];
  readonly raw: boolean;
  /** Offsets of the whole `{…}` in the text. */
  readonly start: number;
  readonly end: number;
  /**
   * `value`: a declared name or an item; `unknown`: an undeclared `{UPPER_CASE}`, an error; `literal`: `\{X}`, which
   * loses its backslash (`start` is the backslash).
   */
  readonly kind: 'value' | 'unknown' | 'literal';
}

/** Names that mean a value: built-ins, inputs, config keys; `{ITEM…}` and `{ITEM_KEY}` count always. */
export type DeclaredNames = ReadonlySet<string>;

const BUILTIN_NAMES: ReadonlySet<string> = new Set(['BATCH_ID', 'PLAN_PATH', 'BATCH_PATH']);
/** What only an item of a foreach list gives. */
export const ITEM_NAMES: ReadonlySet<string> = new Set(['ITEM', 'ITEM_KEY']);
export const RESERVED_NAMES: ReadonlySet<string> = new Set([...BUILTIN_NAMES, ...ITEM_NAMES]);

const NONE: readonly Placeholder[] = [];
const NO_PATH: readonly string[] = [];
const PATTERN = /\{(raw:)?([A-Za-z_][A-Za-z0-9_]{0,127})((?:\.[A-Za-z0-9_-]{1,128}){0,16})\}/g;

export function findPlaceholders(text: string, declared: DeclaredNames): readonly Placeholder[] {
  if (!text.includes('{')) return NONE;
  const found: Placeholder[] = [];
  PATTERN.lastIndex = 0;
  for (let match = PATTERN.exec(text); match !== null; match = PATTERN.exec(text)) {
    const placeholder = classify(text, match, declared);
    if (placeholder !== undefined) found.push(placeholder);
  }
  return found;
}

function classify(text: string, match: RegExpExecArray, declared: DeclaredNames): Placeholder | undefined {
  const root = match[2] ?? '';
  const start = match.index;
  const end = start + match[0].length;
  // `${HOME}` belongs to the shell.
  if (text[start - 1] === '$') return undefined;
  const dotted = match[3] ?? '';
  const path = dotted === '' ? NO_PATH : dotted.slice(1).split('.');
  const base = { root, path, raw: match[1] !== undefined, end };
  if (backslashesBefore(text, start) % 2 === 1) return { ...base, start: start - 1, kind: 'literal' };
  if (root === 'ITEM' || (path.length === 0 && (declared.has(root) || RESERVED_NAMES.has(root)))) {
    return { ...base, start, kind: 'value' };
  }
  const upper = /^[A-Z][A-Z0-9_]*$/.test(root) && path.length === 0;
  return upper || base.raw ? { ...base, start, kind: 'unknown' } : undefined;
}

function backslashesBefore(text: string, offset: number): number {
  let count = 0;
  while (text[offset - 1 - count] === '\\') count += 1;
  return count;
}

/** As written: `{ITEM.a.b}`. */
export function placeholderText({ root, path, raw }: Pick<Placeholder, 'root' | 'path' | 'raw'>): string {
  return `{${raw ? 'raw:' : ''}${[root, ...path].join('.')}}`;
}
