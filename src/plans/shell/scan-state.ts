/** How far a scan has come, and what it has found; it knows nothing of bash. */

import type { Range, ShellProblem, ShellRegion } from './shell-scan.ts';

export const METACHARACTERS = ' \t\n;&|()<>';
const MAX_DEPTH = 64;

/** A command that is still being scanned. */
export interface Draft {
  readonly words: Range[];
  readonly inputs: Range[];
}

/** A here-document whose text has not come yet. */
export interface HereDocument {
  readonly delimiter: string;
  readonly quoted: boolean;
  readonly stripTabs: boolean;
  readonly command: Draft;
}

export class Scan {
  readonly text: string;
  readonly regions: ShellRegion[] = [];
  readonly commands: Draft[] = [];
  readonly tests: Range[] = [];
  readonly problems: ShellProblem[] = [];
  /** Where `[[` has opened, or -1. */
  testStart = -1;
  pending: HereDocument[] = [];
  pos = 0;
  end: number;
  readonly #parenthesis: (scan: Scan) => void;
  #depth = 0;

  /** `parenthesis` reads what begins with one, since words hold commands and commands hold words. */
  constructor(text: string, parenthesis: (scan: Scan) => void) {
    this.text = text;
    this.end = text.length;
    this.#parenthesis = parenthesis;
  }

  parenthesis(): void {
    this.#parenthesis(this);
  }

  begin(): Draft {
    const command: Draft = { words: [], inputs: [] };
    this.commands.push(command);
    return command;
  }

  /** Gives up when this is nested too deeply; `read` finds nothing more then. */
  nested(opened: number, message: string, read: () => void): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) this.giveUp(opened, message);
    read();
    this.#depth -= 1;
  }

  within(end: number, scan: () => void): void {
    const outer = this.end;
    this.end = end;
    scan();
    this.end = outer;
  }

  mark(start: number, end: number, context: ShellRegion['context']): void {
    if (end > start) this.regions.push({ start, end, context });
  }

  /** The first problem counts; nothing is scanned after it. */
  giveUp(offset: number, message: string): void {
    if (this.problems.length === 0) this.problems.push({ offset, message });
    this.pos = this.end;
  }
}
