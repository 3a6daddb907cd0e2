/**
 * Keys: what a terminal sends as keys with names, and what each does while one browses. The table is also the text of
 * the help. Pure.
 */

/** A key: a name of several letters, or the one character that it types. */
export type Key = string;

type Command =
  | 'quit'
  | 'refresh'
  | 'restart'
  | 'up'
  | 'down'
  | 'logs'
  | 'log-stream'
  | 'filter'
  | 'help'
  | 'next-pane'
  | 'previous-pane'
  | 'back'
  | Motion;

export type Motion = 'line-up' | 'line-down' | 'page-up' | 'page-down' | 'first' | 'last';

interface KeyRow {
  readonly keys: readonly Key[];
  /** As the help names them. */
  readonly shown: string;
  readonly brief: string;
  readonly command: Command;
}

export const KEY_TABLE: readonly KeyRow[] = [
  { keys: ['q'], shown: 'q', brief: 'quit; instances keep running', command: 'quit' },
  { keys: ['r'], shown: 'r', brief: 'refresh now', command: 'refresh' },
  { keys: ['R'], shown: 'R', brief: 'restart the selected instance, after y', command: 'restart' },
  { keys: ['u'], shown: 'u', brief: 'up: start the selected instance', command: 'up' },
  { keys: ['d'], shown: 'd', brief: 'down: stop it; asks when requests run on it', command: 'down' },
  { keys: ['l'], shown: 'l', brief: 'open or close the log of the selected instance', command: 'logs' },
  { keys: ['s'], shown: 's', brief: 'log: both streams, or stderr alone', command: 'log-stream' },
  { keys: ['/'], shown: '/', brief: 'filter by name, status, model, device or tag', command: 'filter' },
  { keys: ['tab'], shown: 'Tab', brief: 'next pane; Shift-Tab the one before', command: 'next-pane' },
  { keys: ['up', 'k'], shown: '↑ k', brief: 'one up', command: 'line-up' },
  { keys: ['down', 'j'], shown: '↓ j', brief: 'one down', command: 'line-down' },
  { keys: ['page-up'], shown: 'PgUp', brief: 'a page up', command: 'page-up' },
  { keys: ['page-down'], shown: 'PgDn', brief: 'a page down', command: 'page-down' },
  { keys: ['home', 'g'], shown: 'Home', brief: 'to the first', command: 'first' },
  { keys: ['end', 'G'], shown: 'End', brief: 'to the last; a log follows again', command: 'last' },
  { keys: ['escape'], shown: 'Esc', brief: 'clear an error, then the filter, then close the log', command: 'back' },
  { keys: ['h', '?'], shown: 'h ?', brief: 'this help', command: 'help' },
];

const HIDDEN: Readonly<Record<Key, Command>> = { 'back-tab': 'previous-pane', interrupt: 'quit' };

/** What the key does while one browses; null: nothing. */
export function commandOf(key: Key): Command | null {
  return KEY_TABLE.find(({ keys }) => keys.includes(key))?.command ?? HIDDEN[key] ?? null;
}

/** Keys that one piece of input holds, and the beginning of a sequence that it breaks off in. */
interface ReadKeys {
  readonly keys: readonly Key[];
  readonly rest: string;
}

const ESC = '\u001b';

const TYPED: Readonly<Record<string, Key>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\u007f': 'backspace',
  '\u0003': 'interrupt',
  [ESC]: 'escape',
};

/** By the last letter of the sequence, or by the number before its `~`. */
const SEQUENCES: Readonly<Record<string, Key>> = {
  A: 'up',
  B: 'down',
  H: 'home',
  F: 'end',
  Z: 'back-tab',
  '1~': 'home',
  '4~': 'end',
  '5~': 'page-up',
  '6~': 'page-down',
  '7~': 'home',
  '8~': 'end',
};

/** `ESC [ 5 ~`, `ESC [ 1 ; 2 A`, `ESC O A`; begun but unfinished ones match with an empty last letter. */
const SEQUENCE = new RegExp(`^${ESC}(?:\\[([0-9;:<=>?]*)([@-~]?)|O()([@-~]?))`);

/**
 * Reads what a terminal sent: several keys when typed fast or pasted. An ESC alone at the end is the key Esc;
 * sequences that mean nothing here are skipped.
 */
export function readKeys(input: string): ReadKeys {
  const keys: Key[] = [];
  for (let at = 0; at < input.length;) {
    const sequence = SEQUENCE.exec(input.slice(at));
    if (!sequence) {
      const character = String.fromCodePoint(input.codePointAt(at) ?? 0);
      keys.push(...typedKey(character));
      at += character.length;
      continue;
    }
    const last = sequence[2] ?? sequence[4] ?? '';
    if (last === '') return { keys, rest: input.slice(at) };
    const number = last === '~' ? (sequence[1] ?? '').split(';')[0] : '';
    const key = SEQUENCES[`${number}${last}`];
    if (key !== undefined) keys.push(key);
    at += sequence[0].length;
  }
  return { keys, rest: '' };
}

function typedKey(character: string): readonly Key[] {
  const key = TYPED[character] ?? character;
  return key < ' ' ? [] : [key];
}
