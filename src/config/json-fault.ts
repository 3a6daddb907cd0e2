/**
 * Finds where a text stops being JSON. `JSON.parse` says what is wrong but often not where; this walks the tokens with
 * a stack of open brackets and returns the first offset that no valid text could have. Pure.
 */

// oxlint-disable no-control-regex -- JSON forbids raw control characters in strings
const TOKEN =
  /[ \t\n\r]+|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[[\]{}:,]/y;

type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing';

/** The offset of the first token that does not fit; the length of the text when it only ends too early. */
export function jsonFaultOffset(text: string): number {
  const open: string[] = [];
  let expected: Expected = 'value';
  let offset = 0;
  while (offset < text.length) {
    TOKEN.lastIndex = offset;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) return offset;
    if (token.trim() !== '') {
      const next = accept(token, { expected, open });
      if (next === null) return offset;
      expected = next;
    }
    offset += token.length;
  }
  return offset;
}

/** What may follow the token, or null when it does not fit here. Pushes and pops `open`. */
function accept(token: string, { expected, open }: { expected: Expected; open: string[] }): Expected | null {
  switch (token) {
    case '{':
    case '[':
      if (!expected.startsWith('value')) return null;
      open.push(token);
      return token === '{' ? 'key-or-end' : 'value-or-end';
    case '}':
    case ']':
      return close(token, expected, open);
    case ':':
      return expected === 'colon' ? 'value' : null;
    case ',':
      if (expected !== 'comma-or-end') return null;
      return open.at(-1) === '{' ? 'key' : 'value';
    default:
      if (expected.startsWith('key')) return token.startsWith('"') ? 'colon' : null;
      return expected.startsWith('value') ? afterValue(open) : null;
  }
}

function close(token: string, expected: Expected, open: string[]): Expected | null {
  const opener = token === '}' ? '{' : '[';
  const mayEnd = expected === 'comma-or-end' || expected === (token === '}' ? 'key-or-end' : 'value-or-end');
  if (!mayEnd || open.at(-1) !== opener) return null;
  open.pop();
  return afterValue(open);
}

function afterValue(open: readonly string[]): Expected {
  return open.length === 0 ? 'nothing' : 'comma-or-end';
}
