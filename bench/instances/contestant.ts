/** A process manager, as far as the comparison needs it. */

export interface Contestant {
  readonly name: string;
  /** Starts one program per port and keeps them alive. May return before they are healthy. */
  start(ports: readonly number[]): Promise<void>;
  /** Stops them all; the manager itself stays. */
  stop(): Promise<void>;
  /** The processes that manage, not those that are managed. */
  managers(): readonly { readonly name: string; readonly pid: number }[];
  /** Ends everything. */
  close(): Promise<void>;
}
