/**
 * What a bash text would do, command by command: wrappers taken off (`env`, `sudo`, `xargs`, `find -exec`), texts that
 * shells read as code read in their turn (`sh -c`, `eval`, here-documents). Tells, does not judge. Pure.
 */

import { FETCHED, isCertain, readingsOf, UNKNOWN } from './expand.ts';
import type { Variables } from './expand.ts';
import { programName, programReading, SHELLS } from './programs.ts';
import type { ProgramReading } from './programs.ts';
import { readShell } from './read-shell.ts';
import type { Redirect, ShellText, SimpleCommand } from './tree.ts';
import { PLAIN_WRAPPERS, unwrap } from './wrappers.ts';

/** Where the code comes from that a program reads. */
type CodeSource =
  /** It reads none, or all of it stands here and is told as deeds of its own. */
  | 'here'
  /** Another language, in an argument or a here-document. */
  | 'foreign'
  /** Standard input, which another command fills. */
  | 'piped'
  /** A download, or what a decoder prints. */
  | 'fetched'
  /** A value that only the running command knows is part of it. */
  | 'unknown';

interface DeedRedirect extends Pick<Redirect, 'descriptor' | 'operator'> {
  readonly target: string;
}

export interface Deed {
  /** The program first; marks stand for what is not known (`isCertain`). Empty for assignments and redirections alone. */
  readonly words: readonly string[];
  readonly redirects: readonly DeedRedirect[];
  readonly assignments: readonly { readonly name: string; readonly value: string }[];
  readonly code: CodeSource;
  /** It only runs another deed. */
  readonly wraps: boolean;
}

export interface Deeds {
  readonly deeds: readonly Deed[];
  /** Functions that start themselves again without waiting. */
  readonly bombs: readonly string[];
  /** Names that the text gives to functions. */
  readonly functions: ReadonlySet<string>;
  /** What was not understood. */
  readonly problems: readonly string[];
}

interface Known {
  /** The whole environment, when it is known; then a variable that nobody sets is empty. */
  readonly environment: Readonly<Record<string, string>> | null;
}

const DEEPEST = 6;
const MOST_DEEDS = 2_000;
const SETTERS = /^(?:read|mapfile|readarray|getopts|source|\.|eval|let|declare|typeset|local|printf|wait)$/;
/** Set by bash itself. */
const SHELL_VARIABLES =
  /^(?:[0-9@*#?$!-]|PWD|OLDPWD|SECONDS|RANDOM|SRANDOM|EPOCH.*|LINENO|HOSTNAME|E?UID|BASH.*|PPID|SHLVL|OPT.*|OSTYPE|MACHTYPE|HOSTTYPE|REPLY|PIPESTATUS|FUNCNAME|DIRSTACK|GROUPS|_)$/;
/** Beside the shells, what reads bash text. */
const TEXT_READERS: ReadonlySet<string> = new Set('eval trap watch alias ssh parallel flock runuser at'.split(' '));

export function deedsOf(text: string, known: Known): Deeds {
  const found: Found = { deeds: [], bombs: [], functions: new Set(), problems: [] };
  read({ text, outer: environmentOf(known), found, depth: 0 });
  return found;
}

interface Found {
  readonly deeds: Deed[];
  readonly bombs: string[];
  readonly functions: Set<string>;
  readonly problems: string[];
}

interface Reading {
  readonly text: string;
  /** What is known of variables where the text stands. */
  readonly outer: Variables;
  readonly found: Found;
  readonly depth: number;
}

/** Of a whole environment: a variable that is not in it is empty, but for those that bash sets. */
function environmentOf({ environment }: Known): Variables {
  return (name) => {
    const value = environment?.[name];
    if (value !== undefined) return [value];
    return environment === null || SHELL_VARIABLES.test(name) ? undefined : [''];
  };
}

function read({ text, outer, found, depth }: Reading): void {
  if (depth > DEEPEST) return void found.problems.push('code within code is nested too deeply');
  const shell = readShell(text);
  found.problems.push(...shell.problems.map(({ message }) => message));
  for (const { name, commands } of shell.functions) {
    found.functions.add(name);
    if (commands.some((command) => command.concurrent && isCallOf(command, name))) found.bombs.push(name);
  }
  const variables = variablesOf(shell, text, outer);
  for (const command of shell.commands) {
    for (const words of readingsOf(command.words, variables)) tell({ words, command, variables, found, depth });
  }
}

function isCallOf({ words: [first] }: SimpleCommand, name: string): boolean {
  const [only, ...others] = first?.parts ?? [];
  return others.length === 0 && only?.kind === 'text' && only.text === name;
}

interface Telling {
  readonly words: readonly string[];
  readonly command: SimpleCommand;
  readonly variables: Variables;
  readonly found: Found;
  readonly depth: number;
}

function tell(telling: Telling): void {
  const { words, command, variables, found } = telling;
  if (found.deeds.length >= MOST_DEEDS) return void found.problems.push('there are too many commands');
  const wrapped = unwrap(words);
  const name = programName(words[0] ?? '');
  found.deeds.push({
    words,
    redirects: redirectsOf(command.redirects, variables),
    assignments: [...assignmentsOf(command, variables), ...(wrapped?.assignments ?? []).map(splitAssignment)],
    code: codeOf(telling),
    wraps: wrapped !== null && PLAIN_WRAPPERS.has(name),
  });
  if (wrapped === null) return;
  if (!wrapped.understood) found.problems.push(`an option of ${name} is not known`);
  for (const inner of wrapped.commands) {
    const more = name === 'xargs' || name === 'parallel' ? fed(telling) : [];
    tell({ ...telling, words: [...inner, ...more] });
  }
}

/** What xargs adds: the words of a here-document, or of a plain `echo` before it, else what nobody knows. */
function fed(telling: Telling): readonly string[] {
  const inputs = inputsOf(telling);
  if (inputs.length > 0) return inputs.flatMap(wordsIn);
  const [only, ...others] = telling.command.input ?? [];
  const [words = []] = only === undefined ? [] : readingsOf(only.words, telling.variables);
  const [program, ...rest] = words;
  const plain = others.length === 0 && (program === 'echo' || program === 'printf') && rest.every(isCertain);
  return plain ? rest.flatMap(wordsIn) : [UNKNOWN];
}

function wordsIn(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** Reads what is bash text in its turn; says of the rest where it comes from. */
function codeOf(telling: Telling): CodeSource {
  const { words } = telling;
  const name = programName(words[0] ?? '');
  if (name === 'source' || name === '.') return scriptSource(words[1] ?? '', telling);
  const reading = name === 'alias' ? aliasReading(words) : programReading(words.map((word) => ({ text: word })));
  if (reading === null) return 'here';
  const shell = SHELLS.includes(name) || TEXT_READERS.has(name);
  // A command for the other host leaves standard input to that command.
  const readsInput = reading.stdin && (name !== 'ssh' || reading.code.length === 0);
  const inputs = readsInput ? inputsOf(telling) : [];
  const sources = [...codeTexts(reading), ...inputs].map((code) => textSource(code, shell, telling));
  if (readsInput && inputs.length === 0 && isFed(telling)) sources.push('piped');
  if (reading.script !== null) sources.push(scriptSource(reading.script.text, telling));
  return (['fetched', 'piped', 'unknown', 'foreign'] as const).find((source) => sources.includes(source)) ?? 'here';
}

function aliasReading(words: readonly string[]): ProgramReading<{ text: string }> {
  const code = words.slice(1).map((word) => ({ text: word.slice(word.indexOf('=') + 1) }));
  return { code, stdin: false, script: null, reader: 'alias' };
}

function codeTexts({ code, joins }: ProgramReading<{ text: string }>): string[] {
  const texts = code.map(({ text }) => text);
  return joins && texts.length > 0 ? [texts.join(' ')] : texts;
}

function textSource(code: string, shell: boolean, { variables, found, depth }: Telling): CodeSource {
  if (code.includes(FETCHED)) return 'fetched';
  if (!shell) return 'foreign';
  read({ text: code, outer: variables, found, depth: depth + 1 });
  return isCertain(code) ? 'here' : 'unknown';
}

function scriptSource(script: string, telling: Telling): CodeSource {
  if (/^\/(?:dev\/stdin|dev\/fd\/0|proc\/self\/fd\/0)$/.test(script)) return isFed(telling) ? 'piped' : 'here';
  if (script.startsWith('/dev/fd/')) return 'piped';
  return script.includes(FETCHED) ? 'fetched' : 'here';
}

/** The texts that it reads by `<<` and `<<<`. */
function inputsOf({ command, variables }: Telling): string[] {
  return command.redirects.flatMap(({ operator, target, body }) => {
    const word = operator === '<<<' ? target : body;
    return word === null ? [] : readingsOf([word], variables).map((fields) => fields.join(' '));
  });
}

function isFed({ command, variables }: Telling): boolean {
  const files = redirectsOf(command.redirects, variables).filter(({ operator }) => operator === '<');
  if (files.length > 0) return files.some(({ target }) => target.startsWith('/dev/fd/'));
  return command.input !== null;
}

/** Those of files and of descriptors; what stands in the text itself is read as code or is data. */
function redirectsOf(redirects: readonly Redirect[], variables: Variables): DeedRedirect[] {
  return redirects
    .filter(({ operator }) => !operator.startsWith('<<'))
    .flatMap(({ descriptor, operator, target }) =>
      readingsOf([target], variables).map((fields) => ({ descriptor, operator, target: fields.join(' ') })),
    );
}

function assignmentsOf({ assignments }: SimpleCommand, variables: Variables): { name: string; value: string }[] {
  return assignments.flatMap(({ name, values }) =>
    values.map((value) => ({ name, value: readingsOf([value], variables)[0]?.join(' ') ?? '' })),
  );
}

function splitAssignment(text: string): { name: string; value: string } {
  const at = text.indexOf('=');
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}

/** What a text may set in ways that are not read here: arithmetic, `${X:=…}`, loops over arguments. A name is tried once. */
const SET_SOMEHOW =
  /(?<![A-Za-z0-9_])([A-Za-z_][A-Za-z0-9_]*)\s*(?:\+\+|--|:?[-+*/%&|^]?=)|\bfor\s+([A-Za-z_][A-Za-z0-9_]*)\s*(?:;|\n|do\b)/g;

/** A variable has the values that the text gives it, and the one that it has where the text stands. */
function variablesOf(shell: ShellText, text: string, outer: Variables): Variables {
  const given = new Map<string, string[]>();
  for (const { name, values } of [...shell.commands.flatMap(({ assignments }) => assignments), ...shell.loops]) {
    const texts = values.flatMap((value) => readingsOf([value], (each) => given.get(each) ?? outer(each)).flat());
    given.set(name, [...(given.get(name) ?? []), ...(texts.length === 0 ? [''] : texts)]);
  }
  const somehow = new Set([...text.matchAll(SET_SOMEHOW)].flatMap(([, a, b]) => a ?? b ?? []));
  const mayBeSet = shell.commands.some(({ words }) => SETTERS.test(firstText(words)));
  return (name) => {
    const values = given.get(name);
    const before = outer(name);
    const isEmpty = before?.every((value) => value === '') === true;
    if (values !== undefined) return [...values, ...(isEmpty ? [] : (before ?? []))];
    return isEmpty && (mayBeSet || somehow.has(name)) ? undefined : before;
  };
}

function firstText([first]: SimpleCommand['words']): string {
  return (first?.parts ?? []).map((part) => (part.kind === 'text' ? part.text : '')).join('');
}
