/** Why a request got no slot, and the error that says so. The texts of the queue live here. Pure. */

import { AppError } from '../../contract/errors.ts';
import { assertNever } from '../../kernel/index.ts';

interface UnknownModel {
  readonly kind: 'unknown-model';
  readonly model: string;
  readonly near: readonly string[];
  /** Why a name that is to mean something means nothing. */
  readonly lacking: string | null;
}

export type Refusal =
  | UnknownModel
  | { readonly kind: 'stopped'; readonly model: string; readonly instances: readonly string[] }
  | { readonly kind: 'draining'; readonly model: string; readonly instance: string }
  /** What sleeps did not get up; the error says why. */
  | { readonly kind: 'not-woken'; readonly error: AppError }
  | { readonly kind: 'failed'; readonly model: string; readonly instance: string; readonly reason: string }
  | { readonly kind: 'full'; readonly model: string; readonly waiting: number; readonly retryAfterMs: number }
  /** What it insists on cannot be had. */
  | { readonly kind: 'infeasible'; readonly model: string; readonly reason: string }
  /** Batch work that left a full queue for interactive work. */
  | { readonly kind: 'dropped'; readonly model: string; readonly retryAfterMs: number }
  | { readonly kind: 'too-late'; readonly model: string; readonly startsInMs: number; readonly leftMs: number }
  | { readonly kind: 'waited-too-long'; readonly model: string; readonly waitedMs: number }
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'closing' };

export function refusalError(refusal: Refusal): AppError {
  switch (refusal.kind) {
    case 'unknown-model':
      return unknownModel(refusal);
    case 'stopped':
      return stopped(refusal.model, refusal.instances);
    case 'draining':
      return new AppError('INSTANCE_DRAINING', `instance "${refusal.instance}" is drained: it takes no new requests`, {
        hint: `run "drover up ${refusal.instance}" to end that`,
        detail: { model: refusal.model, instance: refusal.instance },
      });
    case 'not-woken':
      return refusal.error;
    case 'failed':
      return new AppError('INSTANCE_UNAVAILABLE', `instance "${refusal.instance}" has failed: ${refusal.reason}`, {
        hint: `run "drover logs ${refusal.instance}", then "drover up ${refusal.instance}"`,
        detail: { model: refusal.model, instance: refusal.instance },
      });
    case 'infeasible':
      return new AppError(
        'PLACEMENT_INFEASIBLE',
        `no instance of "${refusal.model}" may take this: ${refusal.reason}`,
        {
          hint: 'ask without the wish, or run "drover ps" to see what there is',
          detail: { model: refusal.model },
        },
      );
    case 'full':
      return new AppError('QUEUE_FULL', `the queue of "${refusal.model}" is full: ${refusal.waiting} waiting already`, {
        hint: `try again in ${Math.ceil(refusal.retryAfterMs / 1_000)} s`,
        detail: { model: refusal.model, waiting: refusal.waiting, retry_after_ms: refusal.retryAfterMs },
      });
    case 'dropped':
      return new AppError('QUEUE_DROPPED', `the queue of "${refusal.model}" is full, and interactive work came`, {
        hint: `try again in ${Math.ceil(refusal.retryAfterMs / 1_000)} s`,
        detail: { model: refusal.model, retry_after_ms: refusal.retryAfterMs },
      });
    case 'too-late':
      return new AppError('DEADLINE_EXCEEDED', `it would begin in about ${refusal.startsInMs} ms`, {
        hint: `its deadline is in ${Math.round(refusal.leftMs)} ms: give it more time`,
        detail: { model: refusal.model, starts_in_ms: refusal.startsInMs, left_ms: Math.round(refusal.leftMs) },
      });
    case 'waited-too-long':
      return new AppError('TIMEOUT', `no slot of "${refusal.model}" became free in ${refusal.waitedMs} ms`, {
        hint: 'run "drover ps" to see what the instances do',
        detail: { model: refusal.model, waited_ms: refusal.waitedMs },
      });
    case 'withdrawn':
      return new AppError('ABORTED', 'the request was cancelled while it waited');
    case 'closing':
      return new AppError('INSTANCE_UNAVAILABLE', 'the controller is shutting down');
    default:
      return assertNever(refusal);
  }
}

function unknownModel({ model, near, lacking }: UnknownModel): AppError {
  const [first, ...others] = near.map((name) => `"${name}"`);
  const meant = first === undefined ? undefined : `did you mean ${[first, ...others].join(' or ')}?`;
  const shown = model.length > 200 ? `${model.slice(0, 200)}…` : model;
  const why = lacking === null ? '' : `: ${lacking}`;
  return new AppError('MODEL_NOT_FOUND', `there is no model, instance or alias "${shown}"${why}`, {
    hint: meant ?? '"drover models ls" and "drover ps", or GET /v1/models, list what there is',
    detail: { model: shown, near },
  });
}

function stopped(model: string, instances: readonly string[]): AppError {
  const [first = model] = instances;
  const message = first === model ? `instance "${first}" is stopped` : `every instance of "${model}" is stopped`;
  return new AppError('INSTANCE_STOPPED', message, { hint: `run "drover up ${first}"`, detail: { model, instances } });
}
