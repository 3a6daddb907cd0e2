/** The brain as others see it: submissions and kills, what agents report, and the views. No behaviour. */

import type {
  AttemptRef,
  BatchDetailView,
  BatchProgressView,
  BatchSummaryView,
  Diagnostic,
  EscalationAnswer,
  EscalationView,
  Outcome,
  RetryRequest,
  RunSummary,
  LintRequest,
  LintView,
  PlanHistoryView,
  SubmitRequest,
  SubmitView,
  TaskClass,
  TaskDetailView,
  TaskState,
  TaskView,
} from '../contract/index.ts';
import type { Clock, Log, Random } from '../kernel/index.ts';
import type { Store } from '../store/index.ts';
import type {
  AgentHello,
  AgentPort,
  CataloguePort,
  DeclinedReport,
  HelloAnswer,
  InferencePort,
  ModelsPort,
  StartedReport,
} from './ports.ts';
import type { BrainModel } from './asking/brain-model.ts';
import type { EscalationHooks } from './escalations/hooks.ts';
import type { PlanReader } from './reading/read-plan.ts';
import type { PersonSignal } from './signals/signals.ts';
import type { BrainRules, TurnDeps } from './turn/turn.ts';
import type { TrainingLog } from './training/training-log.ts';

export interface BrainDeps {
  readonly store: Store;
  readonly agents: AgentPort;
  readonly inference: InferencePort;
  readonly catalogue: CataloguePort;
  readonly models: ModelsPort;
  /** Where prompts are kept with their answers. */
  readonly training: Pick<TrainingLog, 'keep' | 'score'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly rules: () => BrainRules;
  /** From now on commands of this role are allowed in every batch. */
  readonly allowAlways: TurnDeps['allowAlways'];
  /** From a plan folder to what is stored of it. */
  readonly readPlan: PlanReader;
  /** For what rules cannot decide; they go on without it. */
  readonly brainModel: BrainModel;
  /** Who hears of escalations; read anew for each. */
  readonly hooks: () => EscalationHooks;
  readonly log: Log;
  /** Newest runs of each plan that are kept whole; 0: all. */
  readonly keepRuns: () => number;
  /** The daemon's own environment, for submissions that bring none. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

type SubmitResult =
  /** `created` is false when an idempotency key named a batch that exists. */
  | { readonly kind: 'accepted'; readonly view: SubmitView; readonly created: boolean }
  | { readonly kind: 'invalid'; readonly diagnostics: readonly Diagnostic[] };

export interface TaskFilter {
  readonly states?: readonly TaskState[] | undefined;
  readonly classes?: readonly TaskClass[] | undefined;
  /** The name of a task: only those behind it. */
  readonly after?: string | undefined;
  /** So many at most; absent: all. */
  readonly limit?: number | undefined;
}

/** What is going on over all batches. */
export interface BrainOverview {
  readonly batches: { readonly running: number };
  readonly tasks: { readonly ready: number; readonly running: number; readonly waiting: number };
}

export interface Brain {
  /** Takes over from the last life: see `recovery.ts`. Resolves when submissions and hellos may come. */
  start(): Promise<void>;
  /** Aborts the model calls of its own and waits for the turn that runs. What agents run goes on. */
  stop(): Promise<void>;
  /** Rises with every start; for the `welcome` frame. */
  epoch(): number;

  /** Rejects with PLAN_NOT_FOUND, PERMISSION_DENIED (unwritable folder) or IDEMPOTENCY_CONFLICT. */
  submit(request: SubmitRequest): Promise<SubmitResult>;
  /** What a submission would say of this text. */
  lint(request: LintRequest): Promise<LintView>;
  /** Cancels what has not ended; resolves when the batch has ended, or after 10 s. Rejects with BATCH_NOT_FOUND. */
  kill(batchId: string): Promise<BatchSummaryView>;

  /** Nothing new of it starts until it is resumed; what runs goes on. Rejects with BATCH_NOT_FOUND or BATCH_STATE. */
  pause(batchId: string): Promise<BatchSummaryView>;
  /** Lifts a pause; of a batch that failed or was killed, runs again what has not succeeded. Rejects like `pause`. */
  resume(batchId: string): Promise<BatchSummaryView>;
  /** Runs ended tasks again, with all that depends on them. Rejects like `pause`, and with TASK_NOT_FOUND. */
  retry(batchId: string, request: RetryRequest): Promise<BatchSummaryView>;

  /** Settles what an agent says of its attempts. Until it resolves nothing is granted to that host. */
  onHello(hello: AgentHello): Promise<HelloAnswer>;
  onStarted(host: string, report: StartedReport): void;
  onDeclined(host: string, report: DeclinedReport): void;
  /** Resolves with what the agent may forget, once that is stored. */
  onOutcomes(host: string, outcomes: readonly Outcome[]): Promise<AttemptRef[]>;
  /** The mirror of the host's devices has changed, or its link came or went. */
  onDevices(host: string): void;
  /** The lease and its grace have passed: what the host held is free for others. Records `agent.lost`. */
  onAgentLost(host: string): Promise<void>;
  /** An instance became ready, or stopped being so. */
  onInferenceChanged(): void;

  listBatches(): Promise<BatchSummaryView[]>;
  /** With so many of its tasks, or all. Rejects with BATCH_NOT_FOUND, like the next three. */
  showBatch(batchId: string, limit?: number): Promise<BatchDetailView>;
  /** Rejects with TASK_NOT_FOUND too, like the next. */
  listTasks(batchId: string, filter?: TaskFilter): Promise<TaskView[]>;
  showTask(batchId: string, task: string): Promise<TaskDetailView>;
  /** How far it is. Rejects with BATCH_NOT_FOUND. */
  progress(batchId: string): Promise<BatchProgressView>;
  /** RUN_SUMMARY.json as it would be written now. */
  summary(batchId: string): Promise<RunSummary>;
  overview(): Promise<BrainOverview>;
  /** The newest ended runs of the plan of that name or folder name. Rejects with PLAN_NOT_FOUND when it has none. */
  planHistory(name: string, limit: number): Promise<PlanHistoryView>;

  /** What runs is told, anything else ends now; resolves when that is stored. Rejects with TASK_NOT_FOUND, TASK_ENDED. */
  signalTask(batchId: string, task: string, signal: PersonSignal): Promise<TaskDetailView>;
  /** Ends what runs there; it goes elsewhere. Answers how many tasks were told. */
  signalDevice(host: string, device: string, signal: 'abort' | 'kill'): Promise<number>;

  /** Newest first. */
  listEscalations(filter: { readonly openOnly: boolean }): Promise<EscalationView[]>;
  /** Rejects with ESCALATION_NOT_FOUND, like the next. */
  showEscalation(id: number): Promise<EscalationView>;
  /** Rejects with ESCALATION_CLOSED, and with INVALID_REQUEST when it is none of the choices. */
  answerEscalation(id: number, answer: EscalationAnswer): Promise<EscalationView>;
}
