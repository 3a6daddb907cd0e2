/** What travels between the SQLite driver and its thread. */

export type SqliteValue = null | string | number | bigint | Uint8Array;

export interface Step {
  readonly sql: string;
  readonly parameters: readonly SqliteValue[];
}

export interface RunRequest {
  readonly kind: 'run';
  readonly id: number;
  /** Run in order up to the first that fails; the answer is that of the last. */
  readonly steps: readonly Step[];
  /** True when an earlier request has opened the transaction that these steps belong to. */
  readonly within: boolean;
}

export interface CloseRequest {
  readonly kind: 'close';
  readonly id: number;
}

export type ThreadRequest = RunRequest | CloseRequest;

export interface ThreadAnswer {
  readonly id: number;
  readonly rows: readonly unknown[];
  readonly changes: number;
  /** `code` is SQLite's extended result code; null when the error is not SQLite's. */
  readonly error: { readonly message: string; readonly code: number | null } | null;
}

export interface ThreadOptions {
  readonly path: string;
  readonly readOnly: boolean;
  readonly pragmas: readonly string[];
}
