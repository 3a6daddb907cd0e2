/**
 * Splits the text of an answer, as it comes, into what is said and the tool calls in it. Everything from the marker on
 * is a call; what is no call after all is given back as text. Pure but for its own buffer.
 */

import { partialMarker } from '../batching/stop-filter.ts';
import type { ToolSyntax } from './tool-syntax.ts';

export type AnswerPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly at: number; readonly name: string }
  /** A piece of the JSON of the call's arguments. */
  | { readonly kind: 'arguments'; readonly at: number; readonly text: string };

type State =
  | { readonly kind: 'text' }
  | { readonly kind: 'head' }
  | { readonly kind: 'arguments'; readonly depth: number; readonly inString: boolean; readonly escaped: boolean }
  | { readonly kind: 'after' };

export class ToolCallReader {
  readonly #syntax: ToolSyntax;
  readonly #head: RegExp;
  #state: State = { kind: 'text' };
  #held = '';
  #calls = 0;

  constructor(syntax: ToolSyntax) {
    this.#syntax = syntax;
    this.#head = new RegExp(`^${escaped(syntax.beforeName)}([\\w.:-]+)${escaped(syntax.beforeArguments)}`);
  }

  get callCount(): number {
    return this.#calls;
  }

  push(text: string): readonly AnswerPart[] {
    this.#held += text;
    const parts: AnswerPart[] = [];
    while (this.#advance(parts));
    return parts;
  }

  /** What is left when the answer is over. */
  end(): readonly AnswerPart[] {
    const text = this.#held;
    this.#held = '';
    const isText = this.#state.kind === 'text' || (this.#state.kind === 'head' && this.#calls === 0);
    return isText && text !== '' ? [{ kind: 'text', text }] : [];
  }

  /** True while something was understood and more may follow in what is held. */
  #advance(parts: AnswerPart[]): boolean {
    switch (this.#state.kind) {
      case 'text':
        return this.#readText(parts);
      case 'head':
        return this.#readHead(parts);
      case 'arguments':
        return this.#readArguments(this.#state, parts);
      case 'after':
        return this.#readBetween();
      default:
        return this.#state satisfies never;
    }
  }

  #readText(parts: AnswerPart[]): boolean {
    const at = this.#held.indexOf(this.#syntax.marker);
    const end = at >= 0 ? at : this.#held.length - partialMarker(this.#held, [this.#syntax.marker]);
    if (end > 0) parts.push({ kind: 'text', text: this.#held.slice(0, end) });
    this.#held = this.#held.slice(end);
    if (at < 0) return false;
    this.#state = { kind: 'head' };
    return true;
  }

  #readHead(parts: AnswerPart[]): boolean {
    const begin = this.#calls === 0 ? this.#syntax.begin : '';
    const held = this.#held.startsWith(begin) ? this.#held.slice(begin.length).trimStart() : null;
    const name = held === null ? undefined : this.#head.exec(held)?.[1];
    if (held === null || name === undefined) return false;
    this.#held = held.slice(this.#syntax.beforeName.length + name.length + this.#syntax.beforeArguments.length);
    parts.push({ kind: 'call', at: this.#calls++, name });
    this.#state = { kind: 'arguments', depth: 0, inString: false, escaped: false };
    return true;
  }

  #readArguments(state: State & { kind: 'arguments' }, parts: AnswerPart[]): boolean {
    let { depth, inString, escaped: isEscaped } = state;
    let end = 0;
    let over = false;
    for (; end < this.#held.length && !over; end++) {
      const letter = this.#held[end];
      if (isEscaped) isEscaped = false;
      else if (inString) {
        isEscaped = letter === '\\';
        inString = letter !== '"';
      } else if (letter === '"') inString = true;
      else if (letter === '{' || letter === '[') depth++;
      else if (letter === '}' || letter === ']') over = --depth === 0;
    }
    if (end > 0) parts.push({ kind: 'arguments', at: this.#calls - 1, text: this.#held.slice(0, end) });
    this.#held = this.#held.slice(end);
    this.#state = over ? { kind: 'after' } : { kind: 'arguments', depth, inString, escaped: isEscaped };
    return over;
  }

  /** The next call begins behind what stands between two. */
  #readBetween(): boolean {
    const at = this.#held.indexOf(this.#syntax.beforeName);
    if (at < 0) return false;
    this.#held = this.#held.slice(at);
    this.#state = { kind: 'head' };
    return true;
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
