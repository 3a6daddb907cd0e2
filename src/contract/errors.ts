/**
 * The error catalogue: every code that leaves a process, with its HTTP status, its exit code and whether trying
 * again can help. Free of zod and Node imports: the CLI and the browser load it. Texts live where errors arise.
 */

import { EXIT } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';

interface ErrorRow {
  /** HTTP status of the answer. */
  readonly status: number;
  /** Exit code of a CLI command that ends with this error. */
  readonly exit: ExitCode;
  /** True when the same call may succeed later without being changed. */
  readonly retryable: boolean;
}

function row(status: number, exit: ExitCode, retryable = false): ErrorRow {
  return { status, exit, retryable };
}

export const ERRORS = {
  ABORTED: row(499, EXIT.interrupted),
  AGENT_UNAVAILABLE: row(503, EXIT.unreachable, true),
  ARTIFACT_NOT_FOUND: row(404, EXIT.notFound),
  BATCH_NOT_FOUND: row(404, EXIT.notFound),
  BATCH_STATE: row(409, EXIT.conflict),
  BODY_TOO_LARGE: row(413, EXIT.usage),
  BUDGET_EXCEEDED: row(429, EXIT.refused),
  CHECKOUT_FAILED: row(500, EXIT.failed),
  CONFIG_INVALID: row(422, EXIT.invalidFile),
  CONTEXT_LENGTH_EXCEEDED: row(400, EXIT.usage),
  DAEMON_ALREADY_RUNNING: row(409, EXIT.conflict),
  DAEMON_START_FAILED: row(500, EXIT.unreachable, true),
  DAEMON_UNREACHABLE: row(503, EXIT.unreachable, true),
  DEADLINE_EXCEEDED: row(504, EXIT.timeout),
  DEVICE_NOT_FOUND: row(404, EXIT.notFound),
  DISK_FULL: row(507, EXIT.failed),
  DOWNLOAD_CORRUPT: row(502, EXIT.failed, true),
  DOWNLOAD_FAILED: row(502, EXIT.failed, true),
  ENGINE_BUILD_FAILED: row(500, EXIT.engineFailed),
  ENGINE_FAILED: row(502, EXIT.engineFailed, true),
  ENGINE_NOT_FOUND: row(422, EXIT.invalidFile),
  ENGINE_START_FAILED: row(502, EXIT.engineFailed, true),
  ESCALATION_CLOSED: row(409, EXIT.conflict),
  ESCALATION_NOT_FOUND: row(404, EXIT.notFound),
  FORBIDDEN: row(403, EXIT.refused),
  IDEMPOTENCY_CONFLICT: row(409, EXIT.conflict),
  INSTANCE_DRAINING: row(503, EXIT.failed),
  INSTANCE_EXISTS: row(409, EXIT.conflict),
  INSTANCE_NOT_FOUND: row(404, EXIT.notFound),
  INSTANCE_STOPPED: row(503, EXIT.failed),
  INSTANCE_UNAVAILABLE: row(503, EXIT.failed, true),
  INTERNAL: row(500, EXIT.failed),
  INVALID_REQUEST: row(400, EXIT.usage),
  KEY_NOT_FOUND: row(404, EXIT.notFound),
  MEMORY_INSUFFICIENT: row(503, EXIT.engineFailed, true),
  METHOD_NOT_ALLOWED: row(405, EXIT.usage),
  MODEL_BUSY: row(409, EXIT.conflict),
  MODEL_EXISTS: row(409, EXIT.conflict),
  MODEL_FILE_INVALID: row(422, EXIT.invalidFile),
  MODEL_FILE_MISSING: row(422, EXIT.invalidFile),
  MODEL_GATED: row(403, EXIT.refused),
  MODEL_NOT_FOUND: row(404, EXIT.notFound),
  NOT_FOUND: row(404, EXIT.notFound),
  OFFLINE: row(403, EXIT.refused),
  ORIGIN_FORBIDDEN: row(403, EXIT.refused),
  PATH_TAKEN: row(409, EXIT.conflict),
  PERMISSION_DENIED: row(403, EXIT.refused),
  PLACEMENT_INFEASIBLE: row(422, EXIT.failed),
  PLAN_INVALID: row(422, EXIT.invalidFile),
  PLAN_NOT_FOUND: row(404, EXIT.notFound),
  PORT_TAKEN: row(409, EXIT.conflict),
  PROTOCOL_MISMATCH: row(409, EXIT.conflict),
  QUEUE_DROPPED: row(429, EXIT.failed, true),
  QUEUE_FULL: row(429, EXIT.failed, true),
  RANGE_NOT_SATISFIABLE: row(416, EXIT.usage),
  RATE_LIMITED: row(429, EXIT.failed, true),
  REQUEST_NOT_FOUND: row(404, EXIT.notFound),
  SAMPLE_NOT_FOUND: row(404, EXIT.notFound),
  SERVICE_FAILED: row(500, EXIT.failed),
  SESSION_NOT_FOUND: row(404, EXIT.notFound),
  STORE_FAILED: row(500, EXIT.failed),
  TASK_ENDED: row(409, EXIT.conflict),
  TASK_NOT_FOUND: row(404, EXIT.notFound),
  TIMEOUT: row(504, EXIT.timeout, true),
  UNAUTHORIZED: row(401, EXIT.refused),
  UNSUPPORTED_MEDIA_TYPE: row(415, EXIT.usage),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

export interface AppErrorOptions {
  /** The command or edit that mends it, e.g. `run "drover logs qwen"`. */
  readonly hint?: string;
  /** Plain data for machines: ids, paths, numbers. Never a prompt, never a key. */
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An error with a catalogued code. The message names the place and the cause; the hint names the remedy. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly detail: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.detail = options.detail;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get exitCode(): ExitCode {
    return ERRORS[this.code].exit;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** The one envelope of `/v2` errors. */
export interface ErrorBody {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly hint?: string;
    readonly detail?: Readonly<Record<string, unknown>>;
    readonly retryable: boolean;
  };
}

export function toErrorBody(error: AppError): ErrorBody {
  return {
    error: {
      code: error.code,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(error.detail === undefined ? {} : { detail: error.detail }),
      retryable: error.retryable,
    },
  };
}

/** Any thrown value as an AppError; what is not ours becomes INTERNAL and keeps its cause. */
export function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const refusal = fileRefusal(thrown);
  if (refusal === undefined) return new AppError('INTERNAL', message, { cause: thrown });
  return new AppError(refusal.code, message, { cause: thrown, hint: refusal.hint });
}

interface FileRefusal {
  readonly code: ErrorCode;
  readonly hint: string;
}

const DENIED: FileRefusal = {
  code: 'PERMISSION_DENIED',
  hint: 'check who owns the folder, or point DROVER_HOME at one of yours',
};
const FULL: FileRefusal = { code: 'DISK_FULL', hint: 'make room; "drover doctor" tells where' };
const NO_FOLDER: FileRefusal = {
  code: 'INVALID_REQUEST',
  hint: 'a file is where a folder should be; is DROVER_HOME one?',
};

/** The file system said no: that is nobody's bug. */
const FILE_REFUSALS: ReadonlyMap<unknown, FileRefusal> = new Map([
  ['EACCES', DENIED],
  ['EPERM', DENIED],
  ['EROFS', DENIED],
  ['ENOSPC', FULL],
  ['EDQUOT', FULL],
  ['ENOTDIR', NO_FOLDER],
]);

function fileRefusal(thrown: unknown): FileRefusal | undefined {
  return thrown instanceof Error && 'code' in thrown ? FILE_REFUSALS.get(thrown.code) : undefined;
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value);
}
