/** The types of a plan: as written, as compiled for one batch, and as rendered for one attempt. No behaviour lives here. */
export type * from './types/compiled.ts';
export type * from './types/rendered.ts';
export type * from './types/written.ts';
