/** Programs that run the command in their arguments: which of their words that command is. Pure. */

import { programName } from './programs.ts';

interface Wrapped {
  /** Candidates: more than one when an option is not known, none when nothing is run. */
  readonly commands: readonly (readonly string[])[];
  readonly assignments: readonly string[];
  /** Every option was known. */
  readonly understood: boolean;
}

interface Wrapper {
  /** Letters of options with a value behind them. */
  readonly takes: string;
  /** Letters of options without. */
  readonly flags: string;
  /** Words before the command. */
  readonly operands?: number;
  readonly assignments?: boolean;
}

const TABLE: Readonly<Record<string, Wrapper>> = {
  env: { takes: 'uCS', flags: 'i0v', assignments: true },
  sudo: { takes: 'CDghpRrtTUu', flags: 'AbEeHiklnPSsv', assignments: true },
  doas: { takes: 'Cu', flags: 'ns' },
  timeout: { takes: 'ks', flags: 'v', operands: 1 },
  nohup: { takes: '', flags: '' },
  nice: { takes: 'n', flags: '0123456789' },
  ionice: { takes: 'cn', flags: 't' },
  exec: { takes: 'a', flags: 'cl' },
  command: { takes: '', flags: 'p' },
  builtin: { takes: '', flags: '' },
  time: { takes: 'fo', flags: 'apv' },
  xargs: { takes: 'adEILnPs', flags: '0prtx' },
  parallel: { takes: 'jILnNa', flags: '0kqXm' },
  setsid: { takes: '', flags: 'cfw' },
  stdbuf: { takes: 'ioe', flags: '' },
  flock: { takes: 'wE', flags: 'suxneoF', operands: 1 },
  chroot: { takes: '', flags: '', operands: 1 },
  chrt: { takes: 'TPD', flags: 'bfiord', operands: 1 },
  taskset: { takes: '', flags: 'ac', operands: 1 },
  unshare: { takes: 'SG', flags: 'mpnuiUCTfrc' },
  strace: { takes: 'aebIoOpPsSuEX', flags: 'cCdfFhiqrtTvVwxyDkn' },
  busybox: { takes: '', flags: '' },
  toybox: { takes: '', flags: '' },
};

/** Wrappers that add nothing of their own to what they run. */
export const PLAIN_WRAPPERS: ReadonlySet<string> = new Set(
  'env timeout nohup nice ionice exec command builtin time xargs setsid stdbuf taskset'.split(' '),
);

const FIND_ACTIONS: ReadonlySet<string> = new Set(['-exec', '-execdir', '-ok', '-okdir']);

/** Null when the first word is no such program. */
export function unwrap(words: readonly string[]): Wrapped | null {
  const name = programName(words[0] ?? '');
  if (name === 'find') return unwrapFind(words);
  const wrapper = Object.hasOwn(TABLE, name) ? TABLE[name] : undefined;
  return wrapper === undefined ? null : unwrapBy(wrapper, name, words);
}

function unwrapFind(words: readonly string[]): Wrapped {
  const commands = words.flatMap((word, index) => {
    if (!FIND_ACTIONS.has(word)) return [];
    const rest = words.slice(index + 1);
    const end = rest.findIndex((each) => each === ';' || each === '+');
    return [end < 0 ? rest : rest.slice(0, end)];
  });
  return { commands, assignments: [], understood: true };
}

function unwrapBy(
  { takes, flags, operands = 0, assignments: assigns }: Wrapper,
  name: string,
  words: readonly string[],
): Wrapped {
  let index = 1;
  let understood = true;
  const assignments: string[] = [];
  for (; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--') {
      index += 1;
      break;
    }
    if (assigns === true && /^[A-Za-z_][A-Za-z0-9_]*=/.test(word)) assignments.push(word);
    else if (!word.startsWith('-') || word === '-') break;
    else if (name === 'command' && /^-[pvV]*[vV]/.test(word)) return { commands: [], assignments, understood };
    else {
      const option = optionOf(word, takes, flags);
      if (option === 'with-value') index += 1;
      if (option === 'unknown') understood = false;
    }
  }
  const command = words.slice(index + operands);
  const candidates = understood ? [command] : words.slice(1).map((_, at) => words.slice(at + 1));
  return { commands: candidates.filter(({ length }) => length > 0), assignments, understood };
}

function optionOf(word: string, takes: string, flags: string): 'flag' | 'with-value' | 'unknown' {
  if (word.startsWith('--'))
    return /^--[a-z-]+(?:=.*)?$/s.test(word) && (word.includes('=') || LONG_FLAGS.has(word)) ? 'flag' : 'unknown';
  for (let index = 1; index < word.length; index += 1) {
    const letter = word[index] ?? '';
    if (takes.includes(letter)) return index === word.length - 1 ? 'with-value' : 'flag';
    if (!flags.includes(letter)) return 'unknown';
  }
  return 'flag';
}

const LONG_FLAGS: ReadonlySet<string> = new Set([
  '--foreground',
  '--preserve-status',
  '--verbose',
  '--ignore-environment',
  '--null',
  '--no-run-if-empty',
  '--non-interactive',
  '--wait',
  '--fork',
]);
