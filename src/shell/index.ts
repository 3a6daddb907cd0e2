/** What a bash text would run: its grammar, its words, the programs that read words as code. All pure. */

export { programName, programReading, WRAPPERS } from './programs.ts';
export { deedsOf } from './deeds.ts';
export type { Deed, Deeds } from './deeds.ts';
export { FETCHED, isCertain, UNKNOWN } from './expand.ts';
