/**
 * Facts: past-tense events with plain data, stored in the transaction of the change they tell of. Log, audit, SSE
 * resume and projections read them. Adding one: a row here, its line in `docs/facts.md`.
 */

import { z } from 'zod';

export interface FactData {
  'controller.started': { readonly epoch: number; readonly pid: number; readonly version: string };
  'agent.connected': { readonly epoch: number; readonly pid: number; readonly devices: readonly string[] };
  'agent.disconnected': { readonly epoch: number };
  /** It has a link, and is silent: nothing new is given to it. */
  'agent.suspected': { readonly epoch: number };
  'agent.heard': { readonly epoch: number };
  'agent.lost': { readonly epoch: number; readonly requeued: number };

  'device.changed': { readonly from: string; readonly to: string; readonly why: string | null };
  /** It takes nothing new until it is released. `by`: who said so. */
  'device.held': {
    readonly kind: 'reserved' | 'quarantined';
    readonly reason: string;
    /** Epoch ms; null: until somebody releases it. */
    readonly until: number | null;
    readonly by: 'operator' | 'agent' | 'brain';
  };
  /** What ran there was told to end, and goes elsewhere. */
  'device.signalled': { readonly signal: string; readonly tasks: number };
  'device.released': { readonly kind: 'reserved' | 'quarantined' };
  /** Null: as the settings of its host say. */
  'device.roles_set': { readonly roles: readonly string[] | null };

  'instance.declared': {
    readonly desired: 'running' | 'stopped';
    readonly fingerprint: string;
    /** It takes no new requests. */
    readonly drained: boolean;
  };
  'instance.removed': Record<string, never>;
  'instance.changed': {
    readonly from: string;
    readonly to: string;
    readonly pid: number | null;
    readonly port: number | null;
    readonly reason: string | null;
    /** In backoff: the wait before the next start. */
    readonly delay_ms: number | null;
    readonly restarts: number;
  };
  /** Every process that ended is told once, also one that ended while no controller was there. */
  'instance.exited': {
    readonly launch: number;
    readonly pid: number | null;
    readonly code: number | null;
    readonly signal: string | null;
    /** True when it was being stopped or restarted; false for a crash or a hang. */
    readonly asked: boolean;
    /** Epoch ms of the host's clock. */
    readonly ended_at: number;
  };
  'instance.health_changed': { readonly from: string; readonly to: string; readonly detail: string | null };
  'instance.adopted': { readonly pid: number };

  /** Never the key itself. `by`: the actor. */
  'key.created': { readonly name: string; readonly scopes: readonly string[]; readonly by: string };
  'key.rotated': { readonly by: string };
  'key.revoked': { readonly by: string };
  /** Somebody called a route of the management API that changes something. */
  'api.called': {
    readonly actor: string;
    readonly method: string;
    readonly path: string;
    readonly status: number;
    /** Of the error that it was answered with; null for none. */
    readonly code: string | null;
  };

  'model.registered': { readonly path: string; readonly size_bytes: number };
  'model.removed': Record<string, never>;
  /** It stays in the catalogue, and nothing may use it. */
  'model.retired': Record<string, never>;
  /** Its files are not what they were. */
  'model.failed': { readonly reason: string };
  'model.download_started': {
    readonly reference: string;
    readonly revision: string;
    readonly host: string;
    readonly size_bytes: number;
  };
  /** Each tenth of the way. */
  'model.download_advanced': { readonly received_bytes: number; readonly total_bytes: number };
  'model.downloaded': { readonly host: string; readonly size_bytes: number; readonly ms: number };
  'model.download_failed': { readonly code: string; readonly reason: string; readonly hint: string | null };
  'model.download_cancelled': Record<string, never>;
  /** `target` is a device for a load, an instance for an unload. */
  'model.placement_begun': {
    readonly action: 'load_llm' | 'unload_llm';
    readonly target: string;
    readonly because: string;
  };
  'model.placement_ended': {
    readonly action: 'load_llm' | 'unload_llm';
    readonly target: string;
    readonly ms: number;
    /** Null when it succeeded. */
    readonly reason: string | null;
  };

  /** A task of the native API, which from now on is not lost. */
  'request.accepted': { readonly model: string; readonly owner: string; readonly session: string | null };
  /** It could not even wait: nobody was promised anything. */
  'request.refused': { readonly code: string };
  /** Another controller has it; it begins anew. */
  'request.resumed': { readonly lives: number };
  'request.ended': {
    readonly ending: string;
    /** Of the error that ended it; null after `done`. */
    readonly code: string | null;
    readonly instance: string | null;
    readonly tokens_in: number;
    readonly tokens_out: number;
  };

  'batch.submitted': { readonly plan: string; readonly tasks: number; readonly priority: number };
  'batch.started': Record<string, never>;
  'batch.cancel_requested': Record<string, never>;
  /** Nothing new of it starts. */
  'batch.paused': Record<string, never>;
  /** `again`: tasks that run again; 0 when a pause was lifted. */
  'batch.resumed': { readonly again: number };
  'batch.retried': { readonly choice: string; readonly again: number };
  'batch.ended': { readonly status: string; readonly duration_ms: number };
  /** `written`: the summary is in the folder of the batch. */
  'batch.summarised': { readonly written: boolean };
  /** One beyond the newest `kept` of its plan: its tasks and files go, its summary stays. */
  'batch.trimmed': { readonly kept: number };
  'plan.uploaded': { readonly digest: string; readonly files: number; readonly bytes: number };
  /** Versions of the plan, by digest: that of the batch, and that of the folder now; empty when it is gone. */
  'plan.edited': { readonly was: string; readonly is: string };

  'task.expanded': { readonly items: number };
  'task.released': Record<string, never>;
  'task.leased': { readonly attempt: number; readonly agent: string; readonly epoch: number };
  'task.started': { readonly attempt: number; readonly device: string | null; readonly pid: number | null };
  /** Its worker was stopped because the device is too hot, and goes on later. */
  'task.paused': { readonly attempt: number; readonly device: string };
  'task.resumed': { readonly attempt: number; readonly device: string };
  'task.succeeded': { readonly attempt: number; readonly duration_ms: number };
  /** What the brain thinks of its output, 1 to 5; null: it was not asked, and the reason says why. */
  'task.evaluated': { readonly attempt: number; readonly score: number | null; readonly reason: string };
  /** Not run: `from` is the batch that did it with the same inputs. */
  'task.reused': { readonly from: string };
  /** Runs though it has `cache: inputs` and was done before. */
  'task.ran_again': { readonly because: string };
  'task.failed': { readonly attempt: number; readonly class: string; readonly reason: string };
  'task.retry_scheduled': {
    readonly attempt: number;
    readonly class: string;
    readonly reason: string;
    readonly delay_ms: number;
    /** True when the try did not count against the retry budget. */
    readonly free: boolean;
  };
  'task.aborted': { readonly because: string };
  'task.skipped': { readonly because: string };
  'task.cancelled': Record<string, never>;
  'task.parked': { readonly because: string };
  'task.unparked': { readonly because: string };
  /** A person told it to stop, abort or be killed. */
  'task.signalled': { readonly signal: string };
  /** Nothing was seen of it for too long; `level` is what was done about it. */
  'attempt.stuck': {
    readonly attempt: number;
    readonly level: string;
    readonly device: string;
    readonly quiet_ms: number;
  };
  'attempt.adopted': { readonly attempt: number; readonly epoch: number };
  'attempt.fenced': { readonly attempt: number; readonly epoch: number; readonly reason: string };

  /** A definition that fails; the rest of its step waits. */
  'incident.opened': { readonly incident: number; readonly class: string; readonly reason: string };
  'incident.patch_proposed': {
    readonly incident: number;
    readonly author: string;
    readonly patch: Readonly<Record<string, unknown>>;
  };
  'incident.patch_tried': {
    readonly incident: number;
    readonly author: string;
    readonly patch: Readonly<Record<string, unknown>>;
    readonly task: string;
  };
  'incident.patch_refused': { readonly incident: number; readonly author: string; readonly reason: string };
  'incident.patch_failed': { readonly incident: number; readonly author: string; readonly reason: string };
  'incident.resolved': {
    readonly incident: number;
    readonly author: string;
    readonly revision: number;
    readonly released: number;
  };
  'incident.unfixable': { readonly incident: number; readonly reason: string; readonly failed: number };

  'escalation.opened': {
    readonly kind: string;
    readonly batch_id: string | null;
    readonly task: string | null;
    readonly question: string;
    readonly choices: readonly string[];
  };
  'escalation.answered': { readonly answer: string; readonly by: string };
  'escalation.withdrawn': Record<string, never>;
  'escalation.suggested': { readonly suggestion: string };
  'escalation.delivered': { readonly hook: string; readonly tries: number };
  'escalation.undelivered': { readonly hook: string; readonly tries: number; readonly error: string };
}

export type FactType = keyof FactData;

/** A fact before the store has numbered it. `subject` is `kind:id`, e.g. `batch:20260221_101500_ab12cd`. */
export interface NewFact<T extends FactType = FactType> {
  readonly type: T;
  readonly subject: string;
  readonly data: FactData[T];
}

/** A stored fact. `seq` rises without end and is the SSE id; `at` is epoch ms of the store's clock. */
export interface Fact<T extends FactType = FactType> extends NewFact<T> {
  readonly seq: number;
  readonly at: number;
}

/** Narrowing without a cast at each reader. */
export function isFact<T extends FactType>(fact: Fact, type: T): fact is Fact<T> {
  return fact.type === type;
}

/** Subjects, made in one place. Tasks are `task:BATCH/NAME`. */
export const subject = {
  controller: () => 'controller',
  agent: (host: string) => `agent:${host}`,
  device: (host: string, id: string) => `device:${host}/${id}`,
  instance: (name: string) => `instance:${name}`,
  actor: (id: string) => `actor:${id}`,
  key: (id: string) => `key:${id}`,
  model: (id: string) => `model:${id}`,
  plan: (name: string) => `plan:${name}`,
  batch: (id: string) => `batch:${id}`,
  task: (batchId: string, name: string) => `task:${batchId}/${name}`,
  escalation: (id: number) => `escalation:${id}`,
  request: (id: string) => `request:${id}`,
};

/** A fact as the API and `drover events` show it: times in ISO 8601. */
export const factViewSchema = z
  .object({
    seq: z.number().describe('Rises without end; the id of the event in a stream.'),
    at: z.iso.datetime(),
    // The names are those of `FactData`, which is a type: whoever sends a fact has them checked by the compiler.
    type: z.string() as unknown as z.ZodType<FactType>,
    subject: z.string().describe('KIND:ID, such as instance:chat.'),
    data: z.unknown(),
  })
  .readonly()
  .meta({ id: 'Fact' });
export type FactView = z.output<typeof factViewSchema>;
