/** What travels between the SQLite driver and its thread: lists of requests down, lists of their answers up. */

export type SqliteValue = null | string | number | bigint | Uint8Array;

export interface Step {
  readonly sql: string;
  readonly parameters: readonly SqliteValue[];
}

export interface RunRequest {
  readonly kind: 'run';
  readonly id: number;
  /** Run in order up to the first that fails. */
  readonly steps: readonly Step[];
  /** True when an earlier request has opened the transaction that these steps belong to. */
  readonly within: boolean;
}

interface CloseRequest {
  readonly kind: 'close';
  readonly id: number;
}

export type ThreadRequest = RunRequest | CloseRequest;

export interface StepResult {
  readonly rows: readonly unknown[];
  readonly changes: number;
}

export interface ThreadAnswer {
  readonly id: number;
  /** One per step; empty after an error. */
  readonly results: readonly StepResult[];
  /** `code` is SQLite's extended result code; null when the error is not SQLite's. */
  readonly error: { readonly message: string; readonly code: number | null } | null;
}

export interface ThreadOptions {
  readonly path: string;
  readonly readOnly: boolean;
  readonly pragmas: readonly string[];
}
