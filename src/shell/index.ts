/** What a bash text would run: its grammar, its words, the programs that read words as code. All pure. */

export { programName, programReading, SHELLS, WRAPPERS } from './programs.ts';
export { readShell } from './read-shell.ts';
export type { Redirect, ShellText, SimpleCommand, SyntaxProblem, Word, WordPart } from './tree.ts';
export { deedsOf } from './deeds.ts';
export type { CodeSource, Deed, Deeds, Known } from './deeds.ts';
export { COMPUTED, FETCHED, isCertain, UNKNOWN } from './expand.ts';
