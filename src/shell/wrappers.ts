/** Programs that run the command in their arguments: which of their words that command is. Pure. */

import { programName } from './programs.ts';

interface Wrapped {
  /** Candidates: an option that is not known may have a value behind it, or none. Empty when nothing is run. */
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
  env: { takes: 'uC', flags: 'i0v', assignments: true },
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
  setpriv: { takes: '', flags: 'd' },
  nsenter: { takes: 'tSG', flags: 'amuinpUCTFZ' },
  'systemd-run': { takes: 'puHME', flags: 'dGPqSrt' },
  runuser: { takes: 'ugGsw', flags: 'lmpfP' },
  prlimit: { takes: 'p', flags: '' },
  numactl: { takes: 'iNmCPpl', flags: 'as' },
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

function unwrapBy(wrapper: Wrapper, name: string, given: readonly string[]): Wrapped {
  const words = name === 'env' ? withSplitStrings(given) : given;
  const assignments = wrapper.assignments === true ? words.filter((word) => ASSIGNMENT.test(word)) : [];
  if (name === 'command' && /^-[pvV]*[vV]/.test(words[1] ?? '')) return { commands: [], assignments, understood: true };
  const { starts, understood } = commandStarts(wrapper, words);
  const commands = starts.map((start) => words.slice(start + (wrapper.operands ?? 0)));
  return { commands: commands.filter(({ length }) => length > 0), assignments, understood };
}

const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*=/;

/** The first words that are no options, by every way to read those before them. */
function commandStarts({ takes, flags, assignments }: Wrapper, words: readonly string[]) {
  const starts = new Set<number>();
  const ways = new Set([1]);
  let understood = true;
  for (const at of ways) {
    const word = words[at] ?? '';
    if (word === '--') starts.add(at + 1);
    else if (assignments === true && ASSIGNMENT.test(word)) ways.add(at + 1);
    else if (!word.startsWith('-') || word === '-') starts.add(at);
    else {
      const option = optionOf(word, takes, flags);
      if (option === 'unknown') understood = false;
      if (option !== 'with-value') ways.add(at + 1);
      if (option !== 'flag') ways.add(at + 2);
    }
  }
  return { starts: [...starts], understood };
}

/** env takes the words of a text for its own: `env -S 'A=1 rm -r' x`. */
function withSplitStrings(words: readonly string[]): readonly string[] {
  const at = words.findIndex((word) => SPLIT_STRING.test(word));
  if (at < 0) return words;
  const [option = '', attached = ''] = SPLIT_STRING.exec(words[at] ?? '') ?? [];
  const isAttached = attached !== '' || option.endsWith('=');
  const text = isAttached ? attached : (words[at + 1] ?? '');
  const split = text.replace(/["'\\]/g, '').split(/\s+/);
  return [...words.slice(0, at), ...split.filter((word) => word !== ''), ...words.slice(at + (isAttached ? 1 : 2))];
}

const SPLIT_STRING = /^(?:-[i0v]*S|--split-string(?:=|$))(.*)$/s;

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
