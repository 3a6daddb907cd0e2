/** What is known of a bash text once it has been scanned. */

/** Where an offset stands; what is not listed in `regions` is `bare`. */
export type ShellContext =
  | 'bare'
  | 'double'
  | 'single'
  | 'ansi'
  | 'heredoc'
  | 'heredoc-quoted'
  | 'heredoc-delimiter'
  | 'comment'
  | 'backtick'
  | 'parameter'
  | 'arithmetic';

export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface ShellRegion extends Range {
  readonly context: Exclude<ShellContext, 'bare'>;
}

/** A simple command: its words without redirections, and the texts that it reads by `<<` or `<<<`. */
export interface ShellCommand {
  readonly words: readonly Range[];
  readonly inputs: readonly Range[];
}

export interface ShellProblem {
  readonly offset: number;
  readonly message: string;
}

export interface ShellScan {
  /** In order, not overlapping. */
  readonly regions: readonly ShellRegion[];
  readonly commands: readonly ShellCommand[];
  /** The insides of `[[ … ]]`. */
  readonly tests: readonly Range[];
  readonly problems: readonly ShellProblem[];
}
