/**
 * Writes a plan in its canonical form: what is meant as a heading, a field, an input or a list is written as one, and
 * everything else stays. Formatting changes no meaning, and formatting twice is formatting once.
 */
import { meantSection } from '../lint/rules/near-miss-heading.ts';
import { linesAfter, scanBlocks, splitLines } from '../parse/blocks.ts';
import type { Block } from '../parse/blocks.ts';
import { readFieldLine } from '../parse/field-line.ts';
import { isFieldName } from '../parse/fields.ts';
import { readFrontMatter } from '../parse/front-matter.ts';
import { rightInput } from '../parse/inputs.ts';
import { isNestedItem } from '../parse/field-reader.ts';
import { meantId } from '../parse/task.ts';
import { formatField } from './field-line.ts';
import { joinPieces } from './pieces.ts';
import type { Piece } from './pieces.ts';

type Heading = Extract<Block, { kind: 'heading' }>;
type Line = Extract<Block, { kind: 'line' }>;
type Fence = Extract<Block, { kind: 'fence' }>;

const SECTIONS = ['Objective', 'Goal', 'Inputs', 'Outputs', 'Available Scripts', 'Tasks', 'Notes'];

export function formatPlan(source: string): string {
  const lines = splitLines(source);
  const { lineCount } = readFrontMatter(source);
  const formatter = new Formatter(lines, [...scanBlocks(linesAfter(source, lineCount))]);
  return joinPieces(lines.slice(0, lineCount), formatter.pieces(lineCount));
}

/** Walks the blocks of a plan and knows in which section it is. */
class Formatter {
  private readonly lines: readonly string[];
  private readonly blocks: readonly Block[];
  private readonly titles: ReadonlySet<string>;
  private section = '';
  private inTask = false;
  private named = false;
  /** Index of the next line that no piece has yet. */
  private at = 0;
  private readonly made: Piece[] = [];

  constructor(lines: readonly string[], blocks: readonly Block[]) {
    this.lines = lines;
    this.blocks = blocks;
    this.titles = new Set(blocks.flatMap((block) => (block.kind === 'heading' ? [block.title.toLowerCase()] : [])));
  }

  pieces(from: number): readonly Piece[] {
    this.at = from;
    for (let index = 0; index < this.blocks.length; index += 1) {
      const block = this.blocks[index];
      if (block === undefined) continue;
      const start = lineOf(block) - 1;
      const blankBefore = this.skipTo(start);
      if (block.kind === 'heading') this.heading(block, blankBefore);
      else if (block.kind === 'fence') this.fence(block, start);
      else index += this.line(block, index, blankBefore);
    }
    this.skipTo(this.lines.length);
    return this.made;
  }

  /** Takes comments along and drops blank lines; true when the last line before `end` is blank. */
  private skipTo(end: number): boolean {
    let blank = false;
    while (this.at < end) {
      const line = this.lines[this.at] ?? '';
      if (line.trim() === '') {
        blank = true;
        this.at += 1;
        continue;
      }
      const from = this.at;
      while (this.at < end - 1 && !(this.lines[this.at] ?? '').includes('-->')) this.at += 1;
      this.at += 1;
      this.push({ kind: 'text', lines: this.lines.slice(from, this.at), blankBefore: blank });
      blank = false;
    }
    return blank;
  }

  private push(piece: Piece): void {
    this.made.push(piece);
  }

  private heading(block: Heading, blankBefore: boolean): void {
    this.at += 1;
    const title = this.titleOf(block);
    if (block.level <= 2) this.section = block.level === 2 ? title.toLowerCase() : '';
    if (block.level <= 3) this.inTask = block.level === 3 && this.section === 'tasks';
    const text = `${'#'.repeat(block.level)} ${title}`.trimEnd();
    this.push({ kind: 'heading', level: block.level, lines: [text], blankBefore });
  }

  private titleOf({ level, title }: Heading): string {
    if (level === 3 && this.section === 'tasks') return meantId(title);
    if (level === 2) return this.sectionTitle(title);
    if (level !== 1 || title === '' || this.named) return title;
    this.named = true;
    return `Plan: ${title.replace(/^plan\s*:\s*/i, '')}`;
  }

  private sectionTitle(title: string): string {
    const known = SECTIONS.find((section) => section.toLowerCase() === title.toLowerCase());
    const meant = known ?? meantSection(title);
    if (meant === undefined) return title;
    return known === undefined && this.titles.has(meant.toLowerCase()) ? title : meant;
  }

  /** A program is what it is, wherever its fence stands. */
  private fence({ body }: Fence, start: number): void {
    const length = bodyLength(body.source.text, this.lines[start + 1]);
    this.at = start + 1 + length + (body.closed ? 1 : 0);
    const raw = this.lines.slice(start, this.at);
    if (!this.inTask || !body.closed) return this.push({ kind: 'fence', lines: raw });
    const inside = length === 0 ? [] : body.source.text.split('\n');
    this.push({ kind: 'fence', lines: [(raw[0] ?? '').trim(), ...inside, (raw.at(-1) ?? '').trim()] });
  }

  /** How many further blocks it has taken. */
  private line(block: Line, index: number, blankBefore: boolean): number {
    this.at += 1;
    const raw = (this.lines[block.line - 1] ?? '').trimEnd();
    if (this.section === 'inputs') this.push({ kind: 'text', lines: [rightInput(block.text) ?? raw], blankBefore });
    else if (this.inTask) return this.taskLine(block, index, { raw, blankBefore });
    else this.push({ kind: 'text', lines: [raw], blankBefore });
    return 0;
  }

  private taskLine(block: Line, index: number, { raw, blankBefore }: { raw: string; blankBefore: boolean }): number {
    const read = readFieldLine(block.text, isFieldName);
    if (read.kind === 'bullet' || read.kind === 'prose') {
      this.push({ kind: 'text', lines: [raw], blankBefore });
      return 0;
    }
    const nested = read.value === '' && isFieldName(read.name) ? this.nestedAfter(index) : [];
    const last = nested.at(-1);
    if (last !== undefined) this.at = last.line;
    const below = nested.map(({ text }) => text.slice(1).trim());
    this.push({ kind: 'field', lines: [formatField({ text: block.text, read, below })] });
    return nested.length;
  }

  private nestedAfter(index: number): readonly Line[] {
    const nested: Line[] = [];
    for (const block of this.blocks.slice(index + 1)) {
      if (block.kind !== 'line' || !isNestedItem(block.text, block.column)) break;
      nested.push(block);
    }
    return nested;
  }
}

function lineOf(block: Block): number {
  if (block.kind === 'line') return block.line;
  return block.kind === 'heading' ? block.at.line : block.body.at.line;
}

/** Lines between the fences: an empty text is either none or a blank one. */
function bodyLength(text: string, firstInside: string | undefined): number {
  if (text !== '') return text.split('\n').length;
  return firstInside === undefined || /^\s*(`{3,}|~{3,})\s*$/.test(firstInside) ? 0 : 1;
}
