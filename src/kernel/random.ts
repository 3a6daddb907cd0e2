/** Randomness as an input, for jitter and ids. */

import { randomFillSync } from 'node:crypto';

/** A number in [0, 1). */
export type Random = () => number;

export const systemRandom: Random = () => Math.random();

const ALPHABET = Buffer.from('abcdefghijklmnopqrstuvwxyz0123456789');
/** Above it some characters would come more often than others. */
const EVEN = 252;

/** Lower-case letters and digits, unguessable. */
export function randomToken(length: number): string {
  const token = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const byte = randomByte();
    if (byte < EVEN) token[at++] = ALPHABET[byte % ALPHABET.length] ?? 0;
  }
  return token.toString('latin1');
}

/** Drawn ahead, since a draw costs the same for one byte as for many. No byte is given out twice. */
const drawn = Buffer.alloc(4_096);
let given = drawn.length;

function randomByte(): number {
  if (given === drawn.length) {
    randomFillSync(drawn);
    given = 0;
  }
  return drawn[given++] ?? 0;
}
