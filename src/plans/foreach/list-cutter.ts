/**
 * Cuts the list at a path out of a JSON text that comes in pieces: the texts of its elements as they end, and what is
 * around them as a text of its own, with an empty list in that place. It parses nothing but keys: whether the parts are
 * JSON is for the reader to find out, and exactly when they are, the whole is.
 */
import { parseJson } from './json.ts';

/** A container around the reading point. */
interface Place {
  readonly isObject: boolean;
  /** Of the value that is read or comes next; null where an object's key comes next. */
  key: string | null;
}

export class ListCutter {
  readonly #path: readonly string[];
  readonly #around: string[] = [];
  readonly #places: Place[] = [];
  /** How deep in an element of the list; null outside of it. */
  #depth: number | null = null;
  #inText = false;
  #escaped = false;
  /** The key that is read now, without its quotes; null when none is. */
  #key: string | null = null;
  /** What earlier pieces had of the element that is read now. */
  #element = '';
  #elements = 0;
  #found = false;

  constructor(path: readonly string[]) {
    this.#path = path;
  }

  /** There is a list at the path, as far as the text has come. */
  get found(): boolean {
    return this.#found;
  }

  /** The text without the elements of the list. */
  around(): string {
    return this.#around.join('') + this.#element;
  }

  /** The elements that end in this piece. */
  push(piece: string): string[] {
    const ended: string[] = [];
    let from = 0;
    for (let at = 0; at < piece.length; at++) {
      const mark = piece[at] ?? '';
      if (this.#inText) this.#passText(mark);
      else if (mark === '"') this.#openText();
      else if (this.#depth === null) {
        if (!this.#passOutside(mark)) continue;
        this.#around.push(piece.slice(from, at + 1));
        from = at + 1;
      } else if (this.#endsElement(mark, this.#depth)) {
        const element = this.#element + piece.slice(from, at);
        this.#element = '';
        from = mark === ',' ? at + 1 : at;
        if (mark !== ',' && this.#elements === 0 && element.trim() === '') continue;
        ended.push(element);
        this.#elements += 1;
      }
    }
    if (this.#depth === null) this.#around.push(piece.slice(from));
    else this.#element += piece.slice(from);
    return ended;
  }

  #openText(): void {
    this.#inText = true;
    const place = this.#places.at(-1);
    if (this.#depth === null && place?.isObject && place.key === null) this.#key = '';
  }

  #passText(mark: string): void {
    if (mark !== '"' || this.#escaped) {
      this.#escaped = mark === '\\' && !this.#escaped;
      if (this.#key !== null) this.#key += mark;
      return;
    }
    this.#inText = false;
    const place = this.#places.at(-1);
    if (this.#key !== null && place) place.key = keyOf(this.#key);
    this.#key = null;
  }

  /** Answers whether the list begins here. */
  #passOutside(mark: string): boolean {
    const place = this.#places.at(-1);
    if (mark === '{') this.#places.push({ isObject: true, key: null });
    else if (mark === '[') {
      if (!this.#found && this.#isAtPath()) {
        this.#found = true;
        this.#depth = 0;
        return true;
      }
      this.#places.push({ isObject: false, key: '0' });
    } else if (mark === '}' || mark === ']') this.#places.pop();
    else if (mark === ',' && place) place.key = place.isObject ? null : String(Number(place.key) + 1);
    return false;
  }

  #isAtPath(): boolean {
    return this.#path.length === this.#places.length && this.#places.every(({ key }, at) => key === this.#path[at]);
  }

  /** A closing mark that belongs to no element ends the list with its last element. */
  #endsElement(mark: string, depth: number): boolean {
    if (mark === '{' || mark === '[') this.#depth = depth + 1;
    else if (mark === '}' || mark === ']') this.#depth = depth === 0 ? null : depth - 1;
    else return mark === ',' && depth === 0;
    return this.#depth === null;
  }
}

function keyOf(quoted: string): string {
  const parsed = parseJson(`"${quoted}"`);
  return parsed.kind === 'json' && typeof parsed.value === 'string' ? parsed.value : quoted;
}
