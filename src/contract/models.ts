/** Models of the catalogue, as stored and as shown. */

export const MODEL_STATES = ['registered', 'ready', 'failed', 'retired'] as const;
export type ModelState = (typeof MODEL_STATES)[number];

/** A row of `drover models ls --json`. */
export interface ModelView {
  readonly id: string;
  readonly state: ModelState;
  readonly path: string;
  readonly size_bytes: number;
  readonly sha256: string | null;
  readonly architecture: string | null;
  readonly quantisation: string | null;
  readonly context_length: number | null;
  readonly parameters: number | null;
  readonly source: string;
  readonly registered_at: string;
}
