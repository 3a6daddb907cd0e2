/** Programs that write what they are told to: which of their arguments are the paths. Pure. */

type Arguments = readonly string[];

/** Options whose value is the next word. */
const VALUED: Readonly<Record<string, string>> = {
  touch: '-d -r -t',
  truncate: '-o -r -s',
  shred: '-n -s',
  mkdir: '-m',
  install: '-g -m -o -S',
  cp: '-S',
  mv: '-S',
  ln: '-S',
  rsync:
    '-e -f -B -T -M --rsh --filter --exclude --include --exclude-from --include-from --files-from --temp-dir --backup-dir --link-dest --copy-dest --compare-dest --partial-dir --log-file --chmod --bwlimit --timeout --port --password-file',
};

/** Every operand is written. */
const WRITES_ALL: ReadonlySet<string> = new Set('tee touch truncate shred badblocks mkdir'.split(' '));
/** The last of several operands is written, or the folder of `-t`. */
const WRITES_LAST: ReadonlySet<string> = new Set('cp mv install ln ddrescue rsync scp'.split(' '));
/** What names the file that is written. */
const OUTPUT: Readonly<Record<string, RegExp>> = {
  curl: /^(?:-[A-Za-z]*o|--output=?)(.*)$/s,
  wget: /^(?:-[A-Za-z]*O|--output-document=?)(.*)$/s,
  sort: /^(?:-[A-Za-z]*o|--output=?)(.*)$/s,
};
const TARGET_FOLDER = /^(?:-t|--target-directory=?)(.*)$/s;
/** The files are changed where they are, and the first operand is the program, unless an option is. */
const IN_PLACE: Readonly<Record<string, RegExp>> = {
  sed: /^(?:-[nErsuz]*i|--in-place)/,
  perl: /^-[0acflnpsStTuUvwW]*i/,
};
/** Their value is program text, or a file of it. */
const PROGRAM = /^(?:-[A-Za-z]*[eEf]|--expression|--file)$/;

export function writtenArguments(name: string, rest: Arguments): Arguments {
  // `dd` by any name: nothing else takes `of=`.
  const outputs = rest.filter((word) => word.startsWith('of=')).map((word) => word.slice(3));
  return [...outputs, ...argumentsOf(name, rest)];
}

function argumentsOf(name: string, rest: Arguments): Arguments {
  if (WRITES_ALL.has(name)) return operandsOf(name, rest);
  if (WRITES_LAST.has(name)) return lastOf(name, rest);
  const output = OUTPUT[name];
  if (output !== undefined) return valuesOf(rest, output);
  const inPlace = IN_PLACE[name];
  return inPlace !== undefined && rest.some((word) => inPlace.test(word)) ? changedFiles(rest) : [];
}

export function operandsOf(name: string, rest: Arguments): Arguments {
  const valued = VALUED[name]?.split(' ') ?? [];
  return rest.filter((word, index) => !word.startsWith('-') && !valued.includes(rest[index - 1] ?? ''));
}

function lastOf(name: string, rest: Arguments): Arguments {
  const operands = operandsOf(name, rest);
  if (name === 'install' && rest.includes('-d')) return operands;
  const folders = name === 'rsync' || name === 'scp' ? [] : valuesOf(rest, TARGET_FOLDER);
  return folders.length > 0 ? folders : operands.slice(1).slice(-1);
}

/** In the word of the option, or in the next one. */
export function valuesOf(rest: Arguments, option: RegExp): Arguments {
  return rest.flatMap((word, index) => {
    const value = option.exec(word)?.[1];
    return value === '' ? (rest[index + 1] ?? []) : (value ?? []);
  });
}

function changedFiles(rest: Arguments): Arguments {
  const operands = rest.filter((word, index) => !word.startsWith('-') && !PROGRAM.test(rest[index - 1] ?? ''));
  const isTold = rest.some((word) => PROGRAM.test(word) || /^--(?:expression|file)=/.test(word));
  return isTold ? operands : operands.slice(1);
}
