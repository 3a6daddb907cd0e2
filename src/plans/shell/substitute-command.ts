/**
 * Puts values into bash text so that each arrives as one inert argument: the context decides the escape. Places
 * where no escape is safe are told as hazards, which lint reports and rendering refuses.
 */
import type { Placeholder } from '../variables/placeholders.ts';
import { findPlaceholders, placeholderText } from '../variables/placeholders.ts';
import { declaredNames, replaceEach, Unrenderable, valueOf } from '../variables/values.ts';
import type { Values } from '../variables/values.ts';
import { programTexts } from './programs.ts';
import type { ProgramText } from './programs.ts';
import { scanShell } from './scan.ts';
import type { Range, ShellContext, ShellScan } from './shell-scan.ts';

/** How a value is written at a place, or why it cannot be. */
export type Placement =
  | { readonly kind: 'escaped'; readonly context: EscapedContext }
  /** Left as it stands: comments mean nothing. */
  | { readonly kind: 'untouched' }
  | { readonly kind: 'hazard'; readonly hazard: Hazard };

type EscapedContext = 'bare' | 'double' | 'single' | 'ansi' | 'heredoc' | 'arithmetic';

export type Hazard =
  | { readonly kind: 'program'; readonly reader: string }
  | { readonly kind: 'quoted-heredoc' }
  | { readonly kind: 'backtick' }
  | { readonly kind: 'parameter' }
  | { readonly kind: 'delimiter' };

/** The scan of one command with what a placement needs to know. */
export interface ReadCommand {
  readonly text: string;
  readonly scan: ShellScan;
  readonly programs: readonly ProgramText[];
  /** `[[ … ]]` whose operands bash evaluates as arithmetic. */
  readonly arithmeticTests: readonly Range[];
}

const ARITHMETIC_OPERATOR = /\s-(eq|ne|lt|le|gt|ge)\s/;

export function readCommand(text: string): ReadCommand {
  const scan = scanShell(text);
  return {
    text,
    scan,
    programs: scan.commands.flatMap((command) => programTexts(text, command)),
    arithmeticTests: scan.tests.filter(({ start, end }) => ARITHMETIC_OPERATOR.test(text.slice(start, end))),
  };
}

export function placementOf(command: ReadCommand, { start }: Placeholder): Placement {
  const context = contextAt(command.scan, start);
  if (context === 'comment') return { kind: 'untouched' };
  const program = command.programs.find((range) => within(range, start));
  if (program !== undefined) return hazard({ kind: 'program', reader: program.reader });
  switch (context) {
    case 'heredoc-quoted':
      return hazard({ kind: 'quoted-heredoc' });
    case 'heredoc-delimiter':
      return hazard({ kind: 'delimiter' });
    case 'backtick':
    case 'parameter':
      return hazard({ kind: context });
    default:
      return ESCAPED[isArithmetic(command, start) ? 'arithmetic' : context];
  }
}

/** One object for each, since a large plan has a hundred thousand placeholders. */
const ESCAPED: Readonly<Record<EscapedContext, Placement>> = {
  bare: { kind: 'escaped', context: 'bare' },
  double: { kind: 'escaped', context: 'double' },
  single: { kind: 'escaped', context: 'single' },
  ansi: { kind: 'escaped', context: 'ansi' },
  heredoc: { kind: 'escaped', context: 'heredoc' },
  arithmetic: { kind: 'escaped', context: 'arithmetic' },
};

/** bash evaluates array subscripts and the operands of `-eq` as arithmetic, whatever their quoting. */
function isArithmetic({ text, arithmeticTests }: ReadCommand, offset: number): boolean {
  const inSubscript = /(^|[\s;&|(])[A-Za-z_][A-Za-z0-9_]{0,63}\[$/.test(text.slice(Math.max(0, offset - 66), offset));
  return inSubscript || arithmeticTests.some((range) => within(range, offset));
}

function hazard(kind: Hazard): Placement {
  return { kind: 'hazard', hazard: kind };
}

function within({ start, end }: Range, offset: number): boolean {
  return offset >= start && offset < end;
}

function contextAt({ regions }: ShellScan, offset: number): ShellContext {
  let low = 0;
  let high = regions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((regions[middle]?.end ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  const region = regions[low];
  return region !== undefined && within(region, offset) ? region.context : 'bare';
}

/** The command with every value in place. Throws `Unrenderable` where `valueOf` does, and at a hazard. */
export function substituteCommand(text: string, values: Values): string {
  const placeholders = findPlaceholders(text, declaredNames(values));
  if (placeholders.length === 0) return text;
  const command = readCommand(text);
  return replaceEach(text, placeholders, (placeholder) => {
    const placement = placementOf(command, placeholder);
    if (placement.kind === 'untouched') return text.slice(placeholder.start, placeholder.end);
    const value = valueOf(placeholder, values);
    if (placeholder.raw) return value;
    if (placement.kind === 'escaped') return escapeFor(placement.context, value, placeholder);
    throw new Unrenderable(`${placeholderText(placeholder)} stands where no quoting is safe`);
  });
}

function escapeFor(context: EscapedContext, value: string, placeholder: Placeholder): string {
  switch (context) {
    case 'bare':
      return quoteForBash(value);
    case 'single':
      return value.replaceAll("'", String.raw`'\''`);
    case 'double':
      return value.replace(/[\\"$`]/g, String.raw`\$&`);
    case 'ansi':
      return value.replace(/[\\']/g, String.raw`\$&`);
    case 'heredoc':
      return hereDocText(value);
    case 'arithmetic':
      if (/^-?\d+$/.test(value)) return value;
      throw new Unrenderable(`${placeholderText(placeholder)} is evaluated as a number, and "${value}" is none`);
  }
}

/** One word for bash, whatever it holds. */
export function quoteForBash(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * No line of a value may look like the delimiter, nor begin with a tab that `<<-` would strip: an expansion to
 * nothing stands before every line.
 */
function hereDocText(value: string): string {
  const guard = '${DROVER_NOTHING-}';
  return guard + value.replace(/[\\$`]/g, String.raw`\$&`).replaceAll('\n', `\n${guard}`);
}
