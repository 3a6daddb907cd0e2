/** Finds the JSON value in what a model said: the whole text, a fenced block, or the outermost braces. Pure. */

type FoundJson =
  | { readonly kind: 'found'; readonly value: unknown }
  | { readonly kind: 'none'; readonly reason: string };

const FENCE = /```(?:json)?[^\S\n]*\n([\s\S]*?)\n?[^\S\n]*```/i;

export function findJson(text: string): FoundJson {
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'none', reason: 'the answer is empty' };
  const candidates = [trimmed, FENCE.exec(trimmed)?.[1], outermost(trimmed, '{', '}'), outermost(trimmed, '[', ']')];
  for (const candidate of candidates) {
    const parsed = candidate === undefined ? null : parse(candidate);
    if (parsed) return { kind: 'found', value: parsed.value };
  }
  return { kind: 'none', reason: 'the answer is no JSON' };
}

function parse(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

function outermost(text: string, open: string, close: string): string | undefined {
  const from = text.indexOf(open);
  const to = text.lastIndexOf(close);
  return from < 0 || to < from ? undefined : text.slice(from, to + 1);
}
