/** Flags that several commands share, and the parsers of their values. */

import { parseDuration } from '../contract/durations.ts';

export const jsonFlag = { kind: 'boolean', brief: 'Print JSON, and nothing else, on stdout', default: false } as const;

export const followFlag = { kind: 'boolean', brief: 'Go on printing what comes', default: false } as const;

/** A flag that is off unless given; no `--no-…` form. */
export function switchFlag(brief: string) {
  return { kind: 'boolean', brief, default: false, withNegated: false } as const;
}

/** A flag with a value that may be left out. */
export function valueFlag<T>(parse: (input: string) => T, brief: string, placeholder: string) {
  return { kind: 'parsed', parse, brief, placeholder, optional: true } as const;
}

/** The only argument of a command. */
export function oneArgument(brief: string, placeholder: string) {
  return { kind: 'tuple', parameters: [{ brief, placeholder, parse: text }] } as const;
}

export function wholeNumber(input: string): number {
  if (/^\d{1,15}$/.test(input)) return Number(input);
  throw new Error(`"${input}" is no whole number`);
}

/** At least one. */
export function count(input: string): number {
  const value = wholeNumber(input);
  if (value >= 1) return value;
  throw new Error(`${input} is too few: 1 or more`);
}

export function decimal(input: string): number {
  const value = Number(input);
  if (input.trim() !== '' && Number.isFinite(value)) return value;
  throw new Error(`"${input}" is no number`);
}

export function portNumber(input: string): number {
  const port = wholeNumber(input);
  if (port >= 1 && port <= 65_535) return port;
  throw new Error(`${input} is no port: 1 to 65535`);
}

/** Milliseconds. */
export function durationValue(input: string): number {
  const ms = parseDuration(input);
  if (ms !== null && ms > 0) return ms;
  throw new Error(`"${input}" is no duration: write seconds or text such as 500ms, 10s, 5m`);
}

/** One of these words. */
export function oneOfWords<T extends string>(...choices: readonly T[]): (input: string) => T {
  return (input) => {
    const found = choices.find((choice) => choice === input);
    if (found !== undefined) return found;
    throw new Error(`"${input}" is none of ${choices.join(', ')}`);
  };
}

export function text(input: string): string {
  return input;
}

/** Some of these words, with commas. */
export function listOfWords<T extends string>(...choices: readonly T[]): (input: string) => readonly T[] {
  const oneOf = oneOfWords(...choices);
  return (input) => list(input).map(oneOf);
}

export function list(input: string): readonly string[] {
  const parts = input.split(',').filter((part) => part !== '');
  if (parts.length > 0) return parts;
  throw new Error(`"${input}" names nothing`);
}
