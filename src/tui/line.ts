/** A line of the screen as spans with a look, and how it becomes text for a terminal. Pure; knows no pane. */

import { cutTo, textWidth } from './text.ts';

export type Tone = 'green' | 'yellow' | 'red' | 'grey' | 'blue' | 'cyan';

export interface Span {
  /** Neutralised: nothing in it moves the cursor. */
  readonly text: string;
  readonly tone?: Tone | undefined;
  readonly bold?: boolean;
  readonly dim?: boolean;
}

export type Line = readonly Span[];

const TONE_CODES: Readonly<Record<Tone, number>> = { green: 32, yellow: 33, red: 31, grey: 90, blue: 34, cyan: 36 };
const BOLD = 1;
const DIM = 2;

export function lineWidth(line: Line): number {
  return line.reduce((width, span) => width + textWidth(span.text), 0);
}

/** The line in at most `width` cells; the span that does not fit is cut, what follows it is left out. */
export function cutLine(line: Line, width: number): Line {
  const kept: Span[] = [];
  let left = width;
  for (const span of line) {
    const text = cutTo(span.text, left);
    if (text !== '') kept.push({ ...span, text });
    if (text !== span.text) break;
    left -= textWidth(text);
  }
  return kept;
}

/** Both on one line, one at each edge; where they do not fit the left one is cut. */
export function spread(left: Line, right: Line, width: number): Line {
  const room = width - lineWidth(right);
  const kept = cutLine(left, Math.max(0, room - 1));
  return cutLine([...kept, { text: ' '.repeat(Math.max(0, room - lineWidth(kept))) }, ...right], width);
}

/** As many of the parts as fit, in their order, with a gap between; the first that does not fit ends it. */
export function joinFitting(parts: readonly Line[], gap: string, width: number): Line {
  const joined: Span[] = [];
  for (const part of parts) {
    const more = joined.length === 0 ? part : [{ text: gap }, ...part];
    if (lineWidth(joined) + lineWidth(more) > width) break;
    joined.push(...more);
  }
  return joined;
}

/** Text with escape sequences; without colours only weight is left. */
export function paintLine(line: Line, { colours }: { readonly colours: boolean }): string {
  return line.map((span) => paintSpan(span, colours)).join('');
}

function paintSpan({ text, tone, bold, dim }: Span, colours: boolean): string {
  const codes = [...(bold ? [BOLD] : []), ...(dim ? [DIM] : []), ...(tone && colours ? [TONE_CODES[tone]] : [])];
  return codes.length === 0 ? text : `\u001b[${codes.join(';')}m${text}\u001b[0m`;
}
