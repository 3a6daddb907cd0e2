/** What an open incident about a step means for its tasks. */

export interface Hold {
  readonly incident: number;
  /** The one task that may go. */
  readonly canary: number | null;
}
