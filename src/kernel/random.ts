/** Randomness as an input, for jitter and ids. */

import { randomBytes } from 'node:crypto';

/** A number in [0, 1). */
export type Random = () => number;

export const systemRandom: Random = () => Math.random();

/** Lower-case letters and digits, unguessable. */
export function randomToken(length: number): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
  let token = '';
  while (token.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 252 && token.length < length) token += alphabet[byte % 36];
    }
  }
  return token;
}
