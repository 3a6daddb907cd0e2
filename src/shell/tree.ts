/** What a bash text consists of, as far as it matters for what it would run: every simple command, wherever it stands. */

/** A piece of a word; what is not text is known only when it runs. */
export type WordPart =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  /** `name` is null where the value is more than the variable's; `fallback` is the word of `${X:-word}`. */
  | {
      readonly kind: 'parameter';
      readonly name: string | null;
      readonly quoted: boolean;
      readonly fallback: readonly WordPart[] | null;
    }
  | { readonly kind: 'substitution'; readonly commands: readonly SimpleCommand[]; readonly quoted: boolean }
  /** `<(…)` and `>(…)`. */
  | { readonly kind: 'process'; readonly commands: readonly SimpleCommand[] }
  | { readonly kind: 'arithmetic' };

export interface Word {
  readonly parts: readonly WordPart[];
}

export interface Assignment {
  readonly name: string;
  /** Of an array: one for each element. */
  readonly values: readonly Word[];
}

export interface Redirect {
  /** As it stands before the operator: `2`, `{name}`, or nothing. */
  readonly descriptor: string;
  /** `<`, `>`, `>>`, `>|`, `<>`, `&>`, `&>>`, `>&`, `<&`, `<<`, `<<-`, `<<<`. */
  readonly operator: string;
  /** A file, or the delimiter of a here-document. */
  readonly target: Word;
  /** The text of a here-document, once it has been read. */
  body: Word | null;
}

export interface SimpleCommand {
  readonly assignments: readonly Assignment[];
  readonly words: readonly Word[];
  /** Its own, then those of the compound commands around it. */
  readonly redirects: readonly Redirect[];
  /** The commands whose output is its standard input; null without a pipe. */
  readonly input: readonly SimpleCommand[] | null;
  /** It stands in a pipeline, or in the background: it does not wait. */
  readonly concurrent: boolean;
  readonly start: number;
  readonly end: number;
}

export interface ShellFunction {
  readonly name: string;
  readonly commands: readonly SimpleCommand[];
}

export interface SyntaxProblem {
  readonly offset: number;
  readonly message: string;
}

export interface ShellText {
  /** In the order in which they stand, those of substitutions and functions too. */
  readonly commands: readonly SimpleCommand[];
  readonly functions: readonly ShellFunction[];
  /** Values that `for NAME in …` gives. */
  readonly loops: readonly Assignment[];
  /** What bash would not take, or this reader does not know. Reading goes on in the next line, as bash would. */
  readonly problems: readonly SyntaxProblem[];
}
