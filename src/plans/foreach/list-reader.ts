/** What reads the values of a foreach list from its text, piece by piece. */
import type { JsonValue } from '../types.ts';

/** Values in the order of the list, or what is wrong with its text. */
export type ListValues = readonly JsonValue[] | string;

export interface ListReader {
  /** What the list is known to hold with this piece of its text. After a problem nothing more may be pushed. */
  push(text: string): ListValues;
  /** The rest, once there is no more text. */
  end(): ListValues;
}
