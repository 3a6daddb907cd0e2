/**
 * Programs that read some of their words, or their standard input, as code: shells, `eval`, `ssh`, `awk`, `python -c`
 * and their like. Quoting for bash does not make a value inert there.
 */

/** A word without quotes and backslashes; more may hang on it. */
interface PlainWord {
  readonly text: string;
}

/** How a program takes its words. */
export interface ProgramReading<W extends PlainWord> {
  readonly code: readonly W[];
  /** Joined, these words are one text; else each is one. */
  readonly joins?: true;
  /** Standard input is code as well. */
  readonly stdin: boolean;
  /** The file that is run, where the program takes one. */
  readonly script: W | null;
  /** Who reads it, for a message: `bash -c`, `awk`. */
  readonly reader: string;
}

type Reader = <W extends PlainWord>(name: string, rest: readonly W[]) => ProgramReading<W>;

/** Commands that run the command in their arguments. */
export const WRAPPERS: ReadonlySet<string> = new Set([
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
  'setpriv',
  'nsenter',
  'systemd-run',
  'runuser',
  'prlimit',
  'numactl',
  'strace',
  'watch',
]);
const TAKES_ARGUMENT: ReadonlySet<string> = new Set(['-o', '+o', '-O', '+O', '-W', '-X', '--rcfile', '--init-file']);
const SSH_TAKES_ARGUMENT = /^-[bcDeEFIiJLlmOopQRSWw]$/;
const WATCH_TAKES_ARGUMENT = /^(?:-[nq]|--interval|--equexit)$/;
const AWK_TAKES_ARGUMENT = /^-[Fvile]$/;
const PARALLEL_TAKES_ARGUMENT =
  /^(?:-[aCdDEIjJLnNPsS]|--(?:arg-file|basefile|block|colsep|delay|delimiter|halt|jobs|joblog|load|max-args|max-procs|memfree|nice|profile|recend|recstart|results|retries|return|rpl|sshlogin|sshloginfile|tagstring|timeout|tmpdir|wd|workdir))$/;

/** They read bash text, more or less. */
export const SHELLS: readonly string[] = ['bash', 'sh', 'dash', 'zsh', 'ksh', 'ash', 'fish', 'su', 'script'];
const READERS: Readonly<Record<string, Reader>> = {
  ...Object.fromEntries(
    SHELLS.map((name) => [name, afterFlag(/^-[A-Za-z]*c[A-Za-z]*$/, '-c', /^-[A-Za-z]*s[A-Za-z]*$/)]),
  ),
  su: anywhere,
  script: anywhere,
  flock: afterLock,
  runuser: asUser,
  at: (name) => ({ code: [], stdin: true, script: null, reader: name }),
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
  trap: (name, rest) => ({ code: rest.slice(0, 1), stdin: false, script: null, reader: name }),
  watch: watched,
  ssh: afterHost,
  parallel: parallelCommand,
  awk: awkProgram,
  gawk: awkProgram,
  mawk: awkProgram,
  nawk: awkProgram,
};

/** How the first of the words takes the others as code; null when it is no program that does. */
export function programReading<W extends PlainWord>(words: readonly W[]): ProgramReading<W> | null {
  const [program, ...rest] = words;
  const reader = program === undefined ? undefined : readerOf(program.text);
  return program === undefined || reader === undefined ? null : reader(programName(program.text), rest);
}

/** `/usr/bin/env` is `env`. */
export function programName(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1);
}

function readerOf(word: string): Reader | undefined {
  const name = programName(word).replace(/^(python|pypy|lua|php|ruby|perl)[\d.]+$/, '$1');
  return Object.hasOwn(READERS, name) ? READERS[name] : undefined;
}

function everything<W extends PlainWord>(name: string, rest: readonly W[]): ProgramReading<W> {
  return { code: rest, joins: true, stdin: false, script: null, reader: name };
}

/** Code follows a flag; without flag and script file, standard input is the code. */
function afterFlag(flag: RegExp, shown: string, fromStdin = /^-$/): Reader {
  return (name, rest) => {
    const code: (typeof rest)[number][] = [];
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
      else if (word.text === '-' || fromStdin.test(word.text)) return { code, stdin: true, script: null, reader: name };
      else if (!/^[-+]/.test(word.text)) return { code, stdin: false, script: word, reader: `${name} ${shown}` };
    }
    return { code, stdin: code.length === 0, script: null, reader: code.length === 0 ? name : `${name} ${shown}` };
  };
}

/** They look for `-c` behind their operands too: `su ann -c …`. */
function anywhere<W extends PlainWord>(name: string, rest: readonly W[]): ProgramReading<W> {
  const flag = rest.findIndex(({ text }) => DASH_C.test(text));
  const program = flag < 0 ? undefined : rest[flag + 1];
  if (program === undefined) return { code: [], stdin: true, script: null, reader: name };
  return { code: [program], stdin: false, script: null, reader: `${name} -c` };
}

const DASH_C = /^(?:-[A-Za-z]*c|--command)$/;

/** `flock FILE -c …`; any other `-c` belongs to the command that it runs. */
function afterLock<W extends PlainWord>(name: string, rest: readonly W[]): ProgramReading<W> {
  const flag = rest.findIndex(
    ({ text }, index) => DASH_C.test(text) && rest[index - 1]?.text.startsWith('-') === false,
  );
  const isItsOwn = rest.slice(0, flag - 1).every(({ text }) => /^-|^[\d.]+$/.test(text));
  const program = flag < 0 || !isItsOwn ? undefined : rest[flag + 1];
  return { code: program === undefined ? [] : [program], stdin: false, script: null, reader: `${name} -c` };
}

/** `runuser ann -c …` is like su; with `-u` it runs the command in its arguments. */
function asUser<W extends PlainWord>(name: string, rest: readonly W[]): ProgramReading<W> {
  const runsArguments = rest.some(({ text }) => /^(?:-[A-Za-z]*u|--user)$/.test(text));
  return runsArguments ? { code: [], stdin: false, script: null, reader: name } : anywhere(name, rest);
}

/** watch joins the words behind its options and hands them to a shell. */
function watched<W extends PlainWord>(name: string, rest: readonly W[]): ProgramReading<W> {
  let index = 0;
  while (rest[index]?.text.startsWith('-') === true)
    index += WATCH_TAKES_ARGUMENT.test(rest[index]?.text ?? '') ? 2 : 1;
  return { code: rest.slice(index), joins: true, stdin: false, script: null, reader: name };
}

/** ssh joins all words after the host and hands them to a remote shell. */
function afterHost<W extends PlainWord>(name: string, rest: readonly W[]): ProgramReading<W> {
  let index = 0;
  while (rest[index]?.text.startsWith('-') === true) index += SSH_TAKES_ARGUMENT.test(rest[index]?.text ?? '') ? 2 : 1;
  return { code: rest.slice(index + 1), joins: true, stdin: true, script: null, reader: name };
}

/** GNU parallel hands the words of its command to a shell; without a command it runs its arguments, or what it reads. */
function parallelCommand<W extends PlainWord>(name: string, rest: readonly W[]): ProgramReading<W> {
  let index = 0;
  let quotes = false;
  for (; rest[index]?.text.startsWith('-') === true; index += 1) {
    const option = rest[index]?.text ?? '';
    if (option === '-q' || option === '--quote') quotes = true;
    if (PARALLEL_TAKES_ARGUMENT.test(option)) index += 1;
  }
  const sources = rest.findIndex(({ text }) => /^::::?\+?$/.test(text));
  const command = rest.slice(index, sources < 0 ? undefined : sources);
  if (command.length > 0) return { code: quotes ? [] : command, joins: true, stdin: false, script: null, reader: name };
  return { code: rest.slice(sources < 0 ? rest.length : sources + 1), stdin: sources < 0, script: null, reader: name };
}

function awkProgram<W extends PlainWord>(name: string, rest: readonly W[]): ProgramReading<W> {
  let index = 0;
  while (rest[index]?.text.startsWith('-') === true) {
    const option = rest[index]?.text ?? '';
    if (option === '-f' || option === '--file' || option.startsWith('--file='))
      return { code: [], stdin: false, script: null, reader: name };
    index += AWK_TAKES_ARGUMENT.test(option) ? 2 : 1;
  }
  return { code: rest.slice(index, index + 1), stdin: false, script: null, reader: name };
}
