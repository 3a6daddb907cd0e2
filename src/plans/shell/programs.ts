/**
 * Finds the words of a command that another program reads as code: the text of `bash -c`, `eval`, `ssh`, `awk`,
 * `python -c` and their like. Quoting for bash does not make a value inert there.
 */
import { LEADING_WORDS } from './scan.ts';
import type { Range, ShellCommand } from './shell-scan.ts';

export interface ProgramText extends Range {
  /** Who reads it, for the message: `bash -c`, `awk`. */
  readonly reader: string;
}

interface Word extends Range {
  /** Without quotes and backslashes. */
  readonly text: string;
}

/** The words after the reader's name → the words that are code, and whether standard input is code as well. */
interface Reading {
  readonly code: readonly Word[];
  readonly stdin: boolean;
  readonly reader: string;
}

type Reader = (name: string, rest: readonly Word[]) => Reading;

/** Commands that run the command in their arguments. */
const WRAPPERS: ReadonlySet<string> = new Set([
  'env',
  'timeout',
  'nohup',
  'sudo',
  'doas',
  'nice',
  'ionice',
  'exec',
  'command',
  'builtin',
  'xargs',
  'find',
  'parallel',
  'setsid',
  'stdbuf',
  'flock',
  'chroot',
  'chrt',
  'taskset',
  'time',
  'docker',
  'podman',
  'unshare',
  'strace',
  'watch',
]);
const TAKES_ARGUMENT: ReadonlySet<string> = new Set(['-o', '+o', '-O', '+O', '-W', '-X', '--rcfile', '--init-file']);
const SSH_TAKES_ARGUMENT = /^-[bcDeEFIiJLlmOopQRSWw]$/;
const AWK_TAKES_ARGUMENT = /^-[Fvile]$/;

const SHELLS = ['bash', 'sh', 'dash', 'zsh', 'ksh', 'ash', 'fish', 'su', 'script'];
const READERS: Readonly<Record<string, Reader>> = {
  ...Object.fromEntries(SHELLS.map((name) => [name, afterFlag(/^-[A-Za-z]*c[A-Za-z]*$/, '-c')])),
  python: afterFlag(/^-[A-Za-z]*c$/, '-c'),
  pypy: afterFlag(/^-[A-Za-z]*c$/, '-c'),
  perl: afterFlag(/^-[A-Za-z0-9]*[eE]$/, '-e'),
  ruby: afterFlag(/^-[A-Za-z0-9]*e$/, '-e'),
  lua: afterFlag(/^-e$/, '-e'),
  node: afterFlag(/^(-e|-p|-pe|--eval|--print)$/, '-e'),
  deno: afterFlag(/^eval$/, 'eval'),
  bun: afterFlag(/^(-e|--eval)$/, '-e'),
  php: afterFlag(/^-r$/, '-r'),
  Rscript: afterFlag(/^-e$/, '-e'),
  eval: everything,
  let: everything,
  trap: (name, rest) => ({ code: rest.slice(0, 1), stdin: false, reader: name }),
  watch: (name, rest) => ({ code: rest.filter((word) => !word.text.startsWith('-')), stdin: false, reader: name }),
  ssh: afterHost,
  awk: awkProgram,
  gawk: awkProgram,
  mawk: awkProgram,
  nawk: awkProgram,
};

export function programTexts(text: string, command: ShellCommand): ProgramText[] {
  const words = command.words.map(({ start, end }) => ({
    start,
    end,
    text: text.slice(start, end).replace(/["'\\]/g, ''),
  }));
  const first = words.findIndex(
    ({ text: word }) => !LEADING_WORDS.has(word) && !/^[A-Za-z_][A-Za-z0-9_]*\+?=/.test(word),
  );
  if (first < 0) return [];
  const wrapped = WRAPPERS.has(baseName(words[first]?.text ?? ''));
  const candidates = wrapped ? words.slice(first) : words.slice(first, first + 1);
  return candidates.flatMap((word, offset) => {
    const reader = readerOf(word.text);
    if (reader === undefined) return [];
    const reading = reader(baseName(word.text), words.slice(first + offset + 1));
    const inputs = reading.stdin ? command.inputs : [];
    return [...reading.code, ...inputs].map(({ start, end }) => ({ start, end, reader: reading.reader }));
  });
}

function readerOf(word: string): Reader | undefined {
  const name = baseName(word).replace(/^(python|pypy|lua|php|ruby|perl)[\d.]+$/, '$1');
  return Object.hasOwn(READERS, name) ? READERS[name] : undefined;
}

function baseName(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1);
}

function everything(name: string, rest: readonly Word[]): Reading {
  return { code: rest, stdin: false, reader: name };
}

/** Code follows a flag; without flag and script file, standard input is the code. */
function afterFlag(flag: RegExp, shown: string): Reader {
  return (name, rest) => {
    const code: Word[] = [];
    for (let index = 0; index < rest.length; index += 1) {
      const word = rest[index];
      if (word === undefined) break;
      if (flag.test(word.text)) {
        const program = rest[index + 1];
        if (program !== undefined) code.push(program);
        index += 1;
        // Arguments after the text of a shell are its parameters: the safe way to hand a value over.
        if (shown === '-c') break;
      } else if (TAKES_ARGUMENT.has(word.text)) index += 1;
      else if (word.text === '-') return { code, stdin: true, reader: name };
      else if (!/^[-+]/.test(word.text)) return { code, stdin: false, reader: `${name} ${shown}` };
    }
    return { code, stdin: code.length === 0, reader: code.length === 0 ? name : `${name} ${shown}` };
  };
}

/** ssh joins all words after the host and hands them to a remote shell. */
function afterHost(name: string, rest: readonly Word[]): Reading {
  let index = 0;
  while (rest[index]?.text.startsWith('-') === true) index += SSH_TAKES_ARGUMENT.test(rest[index]?.text ?? '') ? 2 : 1;
  return { code: rest.slice(index + 1), stdin: true, reader: name };
}

function awkProgram(name: string, rest: readonly Word[]): Reading {
  let index = 0;
  while (rest[index]?.text.startsWith('-') === true) {
    const option = rest[index]?.text ?? '';
    if (option === '-f' || option === '--file' || option.startsWith('--file='))
      return { code: [], stdin: false, reader: name };
    index += AWK_TAKES_ARGUMENT.test(option) ? 2 : 1;
  }
  return { code: rest.slice(index, index + 1), stdin: false, reader: name };
}
