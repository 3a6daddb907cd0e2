/**
 * Takes secret values out of a stream of bytes, in every form in which they are likely to stand there. A piece is held
 * back only while it may be the beginning of a value. Pure but for the piece held back.
 */

export const MASK = '[masked]';
/** What is shorter would mask half of every text. */
export const SHORTEST_SECRET = 4;
const SHORTEST_LINE = 8;

/** A value as it is, encoded for URLs, JSON and base64, and the lines of one that has several. */
export function formsOf(value: string): string[] {
  const lines = value.split('\n').filter((line) => line.length >= SHORTEST_LINE);
  const plain = [value, ...lines];
  const encoded = plain.flatMap((text) => [
    text,
    encodeURIComponent(text),
    JSON.stringify(text).slice(1, -1),
    ...base64Forms(text),
  ]);
  return [...new Set(encoded)].filter((form) => form.length >= SHORTEST_SECRET);
}

/** Alone, with the line break of `echo`, and amid other bytes: what does not depend on its neighbours. */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text);
  const shifted = [0, 1, 2].map((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes]);
    const from = Math.ceil((shift * 8) / 6);
    const to = Math.floor((whole.length * 8) / 6);
    return whole.toString('base64').slice(from, to);
  });
  const all = [bytes.toString('base64'), Buffer.from(`${text}\n`).toString('base64'), ...shifted];
  return all
    .filter((form) => form.length >= SHORTEST_LINE)
    .flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_'), form.replace(/=+$/, '')]);
}

interface Masker {
  /** What may be written now. */
  push(chunk: Buffer): Buffer;
  /** The rest. */
  end(): Buffer;
}

export function createMasker(values: readonly string[]): Masker {
  // Bytes as characters, so that no encoding stands between.
  const forms = values.flatMap(formsOf).map((form) => Buffer.from(form).toString('latin1'));
  const pattern = patternOf(forms);
  let held = '';
  return {
    push(chunk) {
      const text = held + chunk.toString('latin1');
      const { out, rest } = mask(text, pattern, beginningAt(text, forms));
      held = rest;
      return Buffer.from(out, 'latin1');
    },
    end() {
      const { out, rest } = mask(held, pattern, held.length);
      held = '';
      return Buffer.from(out + rest, 'latin1');
    },
  };
}

function patternOf(forms: readonly string[]): RegExp | null {
  if (forms.length === 0) return null;
  const longestFirst = forms.toSorted((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map((form) => form.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)).join('|'), 'g');
}

/** Where the text ends in what may be the beginning of a form; its length when it does not. */
function beginningAt(text: string, forms: readonly string[]): number {
  const longest = Math.max(0, ...forms.map(({ length }) => length));
  for (let at = Math.max(0, text.length - longest + 1); at < text.length; at += 1) {
    const rest = text.slice(at);
    if (forms.some((form) => form.length > rest.length && form.startsWith(rest))) return at;
  }
  return text.length;
}

/** Masks what begins before `until`, and keeps the rest. */
function mask(text: string, pattern: RegExp | null, until: number): { readonly out: string; readonly rest: string } {
  let out = '';
  let from = 0;
  for (const match of pattern === null ? [] : text.matchAll(pattern)) {
    if (match.index >= until) break;
    out += text.slice(from, match.index) + MASK;
    from = match.index + match[0].length;
  }
  const to = Math.max(from, until);
  return { out: out + text.slice(from, to), rest: text.slice(to) };
}
