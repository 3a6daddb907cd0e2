/**
 * Text as a terminal shows it: what would move the cursor is taken out, widths are counted in cells, lines are cut and
 * filled to a width. Pure. Sequences of code points that terminals disagree about are taken apart, so that each code
 * point has a width of its own.
 */

const ESC = '\u001b';
const BEL = '\u0007';
const ESCAPE_SEQUENCE = new RegExp(
  [
    `${ESC}\\[[0-?]*[ -/]*[@-~]`,
    `${ESC}[\\]PX^_][^${ESC}${BEL}]*(?:${BEL}|${ESC}\\\\)?`,
    `${ESC}[ -/]*[0-OQ-WYZ\\\\\`-~]`,
  ].join('|'),
  'g',
);
/** Zero-width joiners, variation selectors, emoji modifiers, tags: shown differently by every terminal. */
const JOINING = /\p{Variation_Selector}|\p{Emoji_Modifier}|\u20e3|[\u200b-\u200d]|\u2060|[\u{e0000}-\u{e007f}]/gu;
/** Controls, directions, what has no character, and half syllables: nothing of it has a width that all agree on. */
const UNSHOWABLE = /[\p{C}\p{Zl}\p{Zp}\u1100-\u11ff\u3164\ua960-\ua97f\ud7b0-\ud7ff\uffa0]/gu;
const REGIONAL = /[\u{1f1e6}-\u{1f1ff}]/gu;
const PLAIN = /^[ -~]*$/;

const ZERO_WIDTH = /[\p{Mn}\p{Me}]/u;
const WIDE =
  /[\p{Emoji_Presentation}\u231a\u231b\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\u3247\u3250-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{18d00}-\u{1b2ff}\u{1d300}-\u{1d356}\u{1d360}-\u{1d376}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]/u;

/** One line without anything that a terminal would obey; tabs become blanks. */
export function neutralise(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .replace(ESCAPE_SEQUENCE, '')
    .normalize('NFC')
    .replaceAll('\t', '    ')
    .replace(JOINING, '')
    .replace(REGIONAL, (flag) => String.fromCodePoint((flag.codePointAt(0) ?? 0) - 0x1f1e6 + 0x41))
    .replace(UNSHOWABLE, '\ufffd');
}

/** Cells that a neutralised text takes. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** The text in exactly `width` cells: filled with blanks, or cut and ended with `…`. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const cut = cutTo(text, width);
  const blanks = ' '.repeat(Math.max(0, width - textWidth(cut)));
  return align === 'right' ? blanks + cut : cut + blanks;
}

/** At most `width` cells of the text; `…` stands where something is missing. */
export function cutTo(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width <= 0) return '';
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

function characterWidth(character: string): number {
  if (character < '\u0300') return 1;
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
