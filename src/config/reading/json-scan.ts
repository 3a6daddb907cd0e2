/**
 * Walks a JSON text token by token with a stack of open brackets: finds where it stops being JSON (`JSON.parse` often
 * does not say), keys that are written twice (`JSON.parse` takes the last), and how deep it is nested. Pure.
 */

// oxlint-disable no-control-regex -- JSON forbids raw control characters in strings
const TOKEN =
  /[ \t\n\r]+|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[[\]{}:,]/y;

type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing';

/** An object or a list that has been opened and not closed. */
interface Frame {
  readonly kind: '{' | '[';
  readonly keys: Set<string>;
  /** Where we are within it. */
  at: string | number;
}

interface DuplicateKey {
  readonly path: readonly (string | number)[];
  /** Of the second one. */
  readonly offset: number;
}

export interface JsonScan {
  /** The first offset that no valid text could have; the length of the text when it only ends too early, or is whole. */
  readonly end: number;
  readonly duplicates: readonly DuplicateKey[];
  readonly depth: number;
}

export function scanJson(text: string): JsonScan {
  const open: Frame[] = [];
  const duplicates: DuplicateKey[] = [];
  let expected: Expected = 'value';
  let offset = 0;
  let depth = 0;
  while (offset < text.length) {
    TOKEN.lastIndex = offset;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) break;
    if (token.trim() !== '') {
      const isKey = expected.startsWith('key') && token.startsWith('"');
      const next = accept(token, expected, open);
      if (next === null) break;
      if (isKey && isRepeated(token, open)) duplicates.push({ path: open.map(({ at }) => at), offset });
      expected = next;
      depth = Math.max(depth, open.length);
    }
    offset += token.length;
  }
  return { end: offset, duplicates, depth };
}

/** Notes the key that was just read in the innermost object. */
function isRepeated(token: string, open: readonly Frame[]): boolean {
  const frame = open.at(-1);
  const key = String(JSON.parse(token));
  if (frame === undefined) return false;
  frame.at = key;
  if (frame.keys.has(key)) return true;
  frame.keys.add(key);
  return false;
}

/** What may follow the token, or null when it does not fit here. Pushes and pops `open`. */
function accept(token: string, expected: Expected, open: Frame[]): Expected | null {
  switch (token) {
    case '{':
    case '[':
      if (!expected.startsWith('value')) return null;
      open.push({ kind: token, keys: new Set(), at: token === '[' ? 0 : '' });
      return token === '{' ? 'key-or-end' : 'value-or-end';
    case '}':
    case ']':
      return close(token, expected, open);
    case ':':
      return expected === 'colon' ? 'value' : null;
    case ',':
      return expected === 'comma-or-end' ? afterComma(open.at(-1)) : null;
    default:
      if (expected.startsWith('key')) return token.startsWith('"') ? 'colon' : null;
      return expected.startsWith('value') ? afterValue(open) : null;
  }
}

function afterComma(frame: Frame | undefined): Expected {
  if (frame === undefined || frame.kind === '{') return 'key';
  frame.at = Number(frame.at) + 1;
  return 'value';
}

function close(token: '}' | ']', expected: Expected, open: Frame[]): Expected | null {
  const opener = token === '}' ? '{' : '[';
  const mayEnd = expected === 'comma-or-end' || expected === (token === '}' ? 'key-or-end' : 'value-or-end');
  if (!mayEnd || open.at(-1)?.kind !== opener) return null;
  open.pop();
  return afterValue(open);
}

function afterValue(open: readonly Frame[]): Expected {
  return open.length === 0 ? 'nothing' : 'comma-or-end';
}
