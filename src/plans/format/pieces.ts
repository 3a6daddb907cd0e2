/** Puts the pieces of a plan below each other, with the blank lines that the canonical form has. */

export type Piece =
  | {
      readonly kind: 'heading';
      readonly level: number;
      readonly lines: readonly string[];
      readonly blankBefore: boolean;
    }
  | { readonly kind: 'field' | 'fence'; readonly lines: readonly string[] }
  /** Prose, comments, free bullets: where their author left a blank line, one stays. */
  | { readonly kind: 'text'; readonly lines: readonly string[]; readonly blankBefore: boolean };

/** `front` is the front matter with its dashes; it stays as it is. */
export function joinPieces(front: readonly string[], pieces: readonly Piece[]): string {
  const out = [...front];
  let before: Piece | undefined;
  for (const piece of pieces) {
    if (before !== undefined && needsBlank(before, piece)) out.push('');
    out.push(...piece.lines);
    before = piece;
  }
  const text = out.join('\n').trimEnd();
  // What was no front matter before must not become it.
  const first = out[0]?.trimEnd() === '---' && front.length === 0 ? '\n' : '';
  return text === '' ? '' : `${first}${text}\n`;
}

function needsBlank(before: Piece, piece: Piece): boolean {
  if (piece.kind === 'heading' || piece.kind === 'fence' || before.kind === 'fence') return true;
  if (before.kind === 'heading') return false;
  return piece.kind === 'text' ? piece.blankBefore : before.kind === 'text';
}
