/** Owns every instance of this host: one mailbox each, the only writer of its state. */

import type { DesiredState, InstanceReport, InstanceSpec } from '../contract/index.ts';
import type { Bus } from '../kernel/index.ts';

export interface DesiredInstance {
  readonly spec: InstanceSpec;
  readonly desired: DesiredState;
}

export type InstanceChange =
  | { readonly kind: 'report'; readonly report: InstanceReport; readonly adopted: boolean }
  | { readonly kind: 'gone'; readonly name: string };

export interface EnsureReadyOptions {
  /** When it aborts, the call rejects with the reason; the start goes on. */
  readonly signal?: AbortSignal;
  /**
   * An operator's call clears a sticky failure, cuts a backoff short, and is answered by the first failed start. A
   * request's call waits for ready or failed and changes neither.
   */
  readonly by?: 'operator' | 'request';
}

export interface EnsureStoppedOptions {
  readonly signal?: AbortSignal;
  /** No draining. */
  readonly force?: boolean;
}

export interface Supervisor extends AsyncDisposable {
  /** Reads the records of an earlier life and takes over what still runs. Once, before all else. */
  adopt(): Promise<void>;
  /**
   * The whole desired picture. A changed fingerprint restarts a running instance; what is not named is left alone.
   * Everything named is known when this returns.
   */
  apply(desired: readonly DesiredInstance[]): void;
  /**
   * Resolves with the report when the instance is ready; two callers cause one start. Rejects with an AppError:
   * INSTANCE_NOT_FOUND, INSTANCE_STOPPED (desired is stopped), or the failure of the start.
   */
  ensureReady(name: string, options?: EnsureReadyOptions): Promise<InstanceReport>;
  /** Resolves when nothing of the instance is left. Sets desired to stopped. */
  ensureStopped(name: string, options?: EnsureStoppedOptions): Promise<InstanceReport>;
  /** Stops every instance, in parallel. */
  stopEverything(options?: EnsureStoppedOptions): Promise<void>;
  /** Drops a stopped instance and its record; one that runs is stopped first. Ends with `gone`. */
  forget(name: string): void;
  reports(): readonly InstanceReport[];
  /** Every change of a report, in order. */
  readonly changes: Bus<InstanceChange>;
  /** Lets go: no engine is touched. */
  close(): Promise<void>;
}
