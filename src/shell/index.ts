/** What a bash text would run: its grammar, its words, the programs that read words as code. All pure. */

export { programName, programReading, SHELLS, WRAPPERS } from './programs.ts';
export { readShell } from './read-shell.ts';
export type { Redirect, ShellText, SimpleCommand, SyntaxProblem, Word, WordPart } from './tree.ts';
