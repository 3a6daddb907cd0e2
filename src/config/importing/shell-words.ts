/** Words of a command line as a POSIX shell splits them: quotes, backslashes, continued lines. Expands nothing. Pure. */

type ShellWords =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** What cannot be read without running a shell, completing the sentence `the command line …`. */
  | { readonly kind: 'problem'; readonly problem: string };

const SPECIAL = /[|&;<>()`]/;

interface Reading {
  readonly words: string[];
  /** Null between words, so that `''` is a word. */
  word: string | null;
  quote: '"' | "'" | null;
}

export function splitShellWords(line: string): ShellWords {
  const reading: Reading = { words: [], word: null, quote: null };
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === '\\' && reading.quote !== "'") {
      const next = line.charAt(++at);
      if (next === '') return problem('ends with a backslash');
      if (next !== '\n') append(reading, escaped(next, reading.quote));
      continue;
    }
    const wrong = take(character, line.charAt(at + 1), reading);
    if (wrong !== null) return problem(wrong);
  }
  if (reading.quote !== null) return problem(`has no closing ${reading.quote}`);
  endWord(reading);
  return { kind: 'words', words: reading.words };
}

/** Reads one character that no backslash precedes; what is wrong with it, or null. */
function take(character: string, next: string, reading: Reading): string | null {
  if (reading.quote === character) reading.quote = null;
  else if (character === '$' && reading.quote !== "'" && /[\w({]/.test(next)) {
    return `has a variable or a command at "$${next}"; write its value`;
  } else if (reading.quote !== null) append(reading, character);
  else if (character === '"' || character === "'") {
    reading.quote = character;
    append(reading, '');
  } else if (/\s/.test(character)) endWord(reading);
  else if (SPECIAL.test(character)) return `has a "${character}", which only a shell understands`;
  else append(reading, character);
  return null;
}

/** Within double quotes a backslash stands for itself before most characters. */
function escaped(character: string, quote: Reading['quote']): string {
  return quote === '"' && !/["\\$`]/.test(character) ? `\\${character}` : character;
}

function append(reading: Reading, text: string): void {
  reading.word = (reading.word ?? '') + text;
}

function endWord(reading: Reading): void {
  if (reading.word !== null) reading.words.push(reading.word);
  reading.word = null;
}

function problem(text: string): ShellWords {
  return { kind: 'problem', problem: text };
}
