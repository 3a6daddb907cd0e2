/**
 * The tables as Kysely sees them, one interface each. Portable by rule: times are epoch-ms integers, flags are 0 or 1,
 * JSON is text that only `codec.ts` reads and writes. The DDL lives in `migrations/`; the two change together.
 */

import type { ColumnType, Generated, Insertable, Kysely, Selectable } from 'kysely';

import type {
  BenchKind,
  BatchStatus,
  DesiredState,
  DeviceHold,
  EscalationHook,
  EscalationKind,
  EscalationStatus,
  FactType,
  FailureClass,
  Health,
  IncidentState,
  ModelState,
  SignalLevel,
  TaskClass,
  TaskState,
  TaskType,
} from '../contract/index.ts';
import type { JsonText } from './codec.ts';
import type { ArtifactTable, DurableRequestTable, InferenceSessionTable } from './inference-tables.ts';

export interface Schema {
  readonly meta: MetaTable;
  readonly fact: FactTable;
  readonly model: ModelTable;
  readonly model_download: ModelDownloadTable;
  readonly instance: InstanceTable;
  readonly instance_probe: InstanceProbeTable;
  readonly placement: PlacementTable;
  readonly agent: AgentTable;
  readonly device: DeviceTable;
  readonly device_policy: DevicePolicyTable;
  readonly learned_memory: LearnedMemoryTable;
  readonly plan_version: PlanVersionTable;
  readonly batch: BatchTable;
  readonly plan_run: PlanRunTable;
  readonly task: TaskTable;
  readonly edge: EdgeTable;
  readonly attempt: AttemptTable;
  readonly manifest_chunk: ManifestChunkTable;
  readonly cached_result: CachedResultTable;
  readonly escalation: EscalationTable;
  readonly escalation_delivery: EscalationDeliveryTable;
  readonly parked_task: ParkedTaskTable;
  readonly incident: IncidentTable;
  readonly spec_revision: SpecRevisionTable;
  readonly attempt_signal: AttemptSignalTable;
  readonly approval: ApprovalTable;
  readonly bench_result: BenchResultTable;
  readonly api_key: ApiKeyTable;
  readonly durable_request: DurableRequestTable;
  readonly inference_session: InferenceSessionTable;
  readonly artifact: ArtifactTable;
}

/** A door to the tables: the transaction of a write, or the connection of a read. */
export type Db = Kysely<Schema>;

export type Row<T extends keyof Schema> = Selectable<Schema[T]>;
export type NewRow<T extends keyof Schema> = Insertable<Schema[T]>;

interface MetaTable {
  key: string;
  value: string;
}

interface FactTable {
  seq: Generated<number>;
  at: number;
  type: FactType;
  subject: string;
  data: JsonText;
}

interface ModelTable {
  id: string;
  state: ModelState;
  path: string;
  size_bytes: number;
  sha256: string | null;
  architecture: string | null;
  quantisation: string | null;
  context_length: number | null;
  parameters: number | null;
  source: string;
  registered_at: number;
  /** Null for one that was registered before there were tiers, as for the next two. */
  tier: number | null;
  /** `ModelPart[]`. */
  files: JsonText | null;
  /** `string[]`. */
  hosts: JsonText | null;
  reason: string | null;
}

interface ModelDownloadTable {
  model: string;
  reference: string;
  revision: string;
  host: string;
  /** A `FetchOrder`. */
  fetch_order: JsonText;
  started_at: number;
}

interface InstanceTable {
  name: string;
  desired: DesiredState;
  /** An `InstanceSpec`; null until the first start has resolved one. */
  spec: JsonText | null;
  updated_at: number;
  /** The config file as it was written; null for an instance without one. */
  config: string | null;
  drained: ColumnType<number, number | undefined, number>;
  ephemeral: ColumnType<number, number | undefined, number>;
  /** The last `InstanceReport`, without the key of its engine. */
  report: JsonText | null;
  reported_at: number | null;
}

interface InstanceProbeTable {
  id: Generated<number>;
  instance: string;
  at: number;
  health: Health;
  detail: string | null;
  latency_ms: number;
}

interface AgentTable {
  host: string;
  epoch: number;
  pid: number;
  version: string;
  seen_at: number;
}

interface DeviceTable {
  host: string;
  /** Among the devices of the host, in the order in which it tells them. */
  position: number;
  /** A `DeviceReport`. */
  report: JsonText;
  seen_at: number;
}

interface DevicePolicyTable {
  host: string;
  device: string;
  /** JSON list; null: as the settings of the host say. */
  roles: JsonText | null;
  hold_kind: DeviceHold['kind'] | null;
  hold_reason: string | null;
  hold_until: number | null;
}

interface LearnedMemoryTable {
  /** Name of the plan; its versions share what was learned. */
  plan: string;
  /** Name of the task, or of the template of its items. */
  step: string;
  /** JSON list of bytes, newest last. */
  peaks: JsonText;
  updated_at: number;
}

interface PlanVersionTable {
  digest: string;
  name: string;
  compiled: JsonText;
  created_at: number;
}

interface BatchTable {
  id: string;
  plan_name: string;
  plan_digest: string;
  plan_path: string;
  /** `PLAN/history/BATCH`. */
  path: string;
  status: BatchStatus;
  priority: number;
  config: JsonText;
  env: JsonText;
  idempotency_key: string | null;
  created_at: number;
  started_at: number | null;
  ended_at: number | null;
  cancel_requested_at: number | null;
  /** A `BatchGoal`, of a goal-driven plan. */
  goal: JsonText | null;
}

/** What a batch came to; for ever. */
interface PlanRunTable {
  batch_id: string;
  plan: string;
  /** Name of the plan's folder. */
  folder: string;
  plan_path: string;
  status: BatchStatus;
  created_at: number;
  ended_at: number;
  /** A `RunSummary`. */
  summary: JsonText;
  /** Its tasks, logs and results are not kept any more. */
  trimmed_at: number | null;
  /** They are gone. */
  swept_at: number | null;
}

interface TaskTable {
  id: Generated<number>;
  batch_id: string;
  name: string;
  kind: 'task' | 'template';
  /** Name of the foreach template that this task is an item of. */
  template: string | null;
  item_key: string | null;
  item_index: number | null;
  /** JSON of an item: its value and, for a group, its members. */
  item: JsonText | null;
  type: TaskType;
  class: TaskClass | null;
  state: TaskState;
  /** Parents that have not released this task yet. */
  pending: ColumnType<number, number | undefined, number>;
  /** Templates: items not yet ended. */
  remaining: number | null;
  items_total: number | null;
  /** Templates: the first item of the manifest that has no row yet. */
  next_index: number | null;
  /** Templates: items that ended without success. */
  items_failed: ColumnType<number, number | undefined, number>;
  /** Templates: items that were skipped, or left out of the run. */
  items_skipped: ColumnType<number, number | undefined, number>;
  priority: ColumnType<number, number | undefined, number>;
  /** Earliest start: when it became ready, or when its backoff ends. */
  ready_at: number | null;
  /** Number of the current or latest attempt; 0 before the first. */
  attempt: ColumnType<number, number | undefined, number>;
  /** Attempts that counted against the retry budget. */
  failures: ColumnType<number, number | undefined, number>;
  /** Attempts that did not. */
  free_attempts: ColumnType<number, number | undefined, number>;
  /** Device memory that the next attempt is charged with. */
  memory_bytes: ColumnType<number, number | undefined, number>;
  agent: string | null;
  agent_epoch: number | null;
  device: string | null;
  pid: number | null;
  leased_at: number | null;
  started_at: number | null;
  ended_at: number | null;
  exit_code: number | null;
  reason: string | null;
  /** What a decide task answered. */
  answer: string | null;
}

interface EdgeTable {
  parent: number;
  child: number;
  condition: string;
}

interface AttemptTable {
  task_id: number;
  no: number;
  agent: string;
  epoch: number;
  device: string | null;
  pid: number | null;
  dir: string;
  leased_at: number;
  started_at: number | null;
  ended_at: number | null;
  result: string | null;
  exit_code: number | null;
  signal: string | null;
  class: FailureClass | null;
  reason: string | null;
  tail: string | null;
  peak_memory_bytes: number | null;
  tokens_in: number | null;
  tokens_out: number | null;
  /** 1 to 5, by the brain; null when nobody has judged it. */
  score: number | null;
  /** Why that score, or why none. */
  score_reason: string | null;
  /** A `SlotOfAttempt`: where the calls of its command are served while it runs. */
  slot: JsonText | null;
}

/** A run of the frozen items of a foreach template. */
interface ManifestChunkTable {
  task_id: number;
  first_index: number;
  /** A list of `ForeachItem`. */
  items: JsonText;
}

/** What a task with `cache: inputs` has come to, by what it was made of. */
interface CachedResultTable {
  key: string;
  plan_path: string;
  task: string;
  /** The batch that ran it, or used it again last: its folder has the products. */
  batch_id: string;
  /** What the key is made of, by name. */
  inputs: JsonText;
  /** A list of `Product`. */
  products: JsonText;
  answer: string | null;
  made_at: number;
}

interface EscalationTable {
  id: Generated<number>;
  kind: EscalationKind;
  /** What it is about; one is open of each. */
  topic: string;
  batch_id: string | null;
  task: string | null;
  question: string;
  /** A list of texts. */
  choices: JsonText;
  detail: JsonText;
  status: EscalationStatus;
  answer: string | null;
  answered_by: string | null;
  /** What the model that was asked directly has said. */
  suggestion: string | null;
  opened_at: number;
  closed_at: number | null;
}

interface EscalationDeliveryTable {
  escalation_id: number;
  hook: EscalationHook;
  tries: ColumnType<number, number | undefined, number>;
  next_at: number;
  /** A controller is at it until then; 0 for none. */
  claimed_until: ColumnType<number, number | undefined, number>;
  delivered_at: number | null;
  error: string | null;
}

interface ParkedTaskTable {
  task_id: number;
  /** `incident:ID` or `escalation:ID`. */
  cause: string;
}

interface IncidentTable {
  id: Generated<number>;
  batch_id: string;
  /** Name of the plan's task; of the template for items. */
  step: string;
  fingerprint: string;
  class: FailureClass;
  /** Reason and end of the output of the failure that opened it. */
  sample: string;
  state: IncidentState;
  /** A `SpecPatch` that is proposed or tried. */
  patch: JsonText | null;
  /** The last patch that did not do, with the reason. */
  objection: string | null;
  author: string | null;
  /** Patches of a model so far. */
  proposals: ColumnType<number, number | undefined, number>;
  failures: ColumnType<number, number | undefined, number>;
  canary_task: number | null;
  opened_at: number;
  closed_at: number | null;
}

/** A patch that holds for all that the step still has to run. */
interface SpecRevisionTable {
  batch_id: string;
  step: string;
  revision: number;
  patch: JsonText;
  /** `rule:NAME` or `model:NAME`. */
  author: string;
  incident_id: number;
  accepted_at: number;
}

/** The last that an attempt was told to do. */
interface AttemptSignalTable {
  task_id: number;
  no: number;
  cause: 'stuck' | 'person';
  level: SignalLevel;
  told_at: number;
}

/** A command that a person has allowed. */
interface ApprovalTable {
  batch_id: string;
  /** Empty: every task of the batch. */
  task: string;
  command: string;
}

/** What a bench has measured, as it was shown. */
interface BenchResultTable {
  id: Generated<number>;
  kind: BenchKind;
  /** The model or the devices. */
  subject: string;
  result: JsonText;
  measured_at: number;
}

/** A key of the front door; never its text. */
interface ApiKeyTable {
  id: string;
  name: string;
  /** SHA-256 of the key in hexadecimal digits. */
  hash: string;
  /** `KeyTerms`. */
  terms: JsonText;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
  last_used_at: number | null;
}

/** A load or unload of a model that the brain decided on. */
export interface PlacementTable {
  id: Generated<number>;
  action: 'load_llm' | 'unload_llm';
  model: string;
  /** The device of a load, the instance of an unload. */
  target: string;
  because: string;
  state: 'running' | 'succeeded' | 'failed';
  reason: string | null;
  started_at: number;
  ended_at: number | null;
}
