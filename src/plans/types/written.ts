/** A plan as written: typed values with a place in the file for every piece. */
import type { TaskClass, TaskType } from '../../contract/index.ts';

export type { TaskClass, TaskType };

/** A value that JSON can carry: items of a foreach list and values of a batch's config are such. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A place on one line of the plan file; 1-based, `endColumn` exclusive, in UTF-16 units. */
export interface Span {
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
}

/** Text taken from the plan file; every line of it starts at `column`, so that an offset has a place. */
export interface SourceText {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

export type Executor = 'worker' | 'brain';
/** `success` is a plain `x`, `done` is `done(x)` (finished either way), `failed` is `failed(x)`. */
export type DependencyCondition = 'success' | 'done' | 'failed';

export interface DependencyRef {
  /** As written; may hold `{ITEM.x}` for an edge per item. */
  readonly on: string;
  readonly condition: DependencyCondition;
  readonly at: Span;
}

/** Where a foreach list comes from. `pointer` is the dotted path inside the file; CSV and JSONL need none. */
export interface ForeachSource {
  readonly path: string;
  readonly pointer?: string;
}

export interface WhenClause {
  readonly task: string;
  readonly operator: '==' | '!=';
  readonly value: string;
}

export type Tolerance =
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'percent'; readonly percent: number };

/** A number, or text with a placeholder that becomes one when the task is rendered. */
export type NumberOrPlaceholder = number | string;

/** Every field of a task with the type that its text is parsed to. */
export interface TaskFieldValues {
  readonly executor: Executor;
  readonly task_class: TaskClass;
  readonly type: TaskType;
  readonly command: string;
  readonly depends_on: readonly DependencyRef[];
  readonly foreach: ForeachSource;
  readonly batch_size: number;
  readonly requires: readonly string[];
  readonly produces: readonly string[];
  readonly llm_model: string;
  readonly llm_min_tier: number;
  readonly llm_placement: 'single_gpu' | 'split_gpu';
  readonly vram_policy: 'default' | 'infer' | 'fixed';
  readonly vram_estimate_mb: number;
  /** Milliseconds. */
  readonly timeout: number;
  /** Further attempts after the first. */
  readonly retries: number;
  readonly priority: number;
  readonly env: Readonly<Record<string, string>>;
  readonly when: WhenClause;
  readonly tolerance: Tolerance;
  readonly cache: 'none' | 'inputs';
  readonly input: readonly string[];
  readonly schema: string;
  readonly options: readonly string[];
  readonly model: string;
  readonly max_tokens: NumberOrPlaceholder;
  readonly temperature: NumberOrPlaceholder;
  readonly evaluate: boolean;
  readonly fail_codes: readonly number[];
  /** Milliseconds. */
  readonly stuck_after: number;
  readonly pausable: boolean;
  readonly sandbox: 'none' | 'bwrap';
  readonly secrets: readonly string[];
}

export type TaskFieldName = keyof TaskFieldValues;

/** A parsed field: its value, the text it came from with its place, and where its name starts (see `span.ts`). */
export interface Field<T> {
  readonly value: T;
  readonly source: SourceText;
  /** The name stands on the line of the value. */
  readonly nameColumn: number;
}

/** Every line under `## Goal` that steers a goal-driven plan. */
export interface GoalFieldValues {
  readonly type: 'target_count';
  readonly target: NumberOrPlaceholder;
  readonly tolerance: NumberOrPlaceholder;
  readonly tracked_task: string;
  readonly discovery_tasks: readonly string[];
  readonly max_attempts_multiplier: NumberOrPlaceholder;
}

export type GoalFieldName = keyof GoalFieldValues;

/** A field whose text could not be read as its type; a list in the wrong notation is read all the same. */
export interface BadField {
  readonly name: string;
  readonly problem: 'invalid' | 'list-notation' | 'unknown-class';
  readonly at: Span;
  readonly message: string;
  readonly help: string;
}

/** A line that means a field but is not written as one; it is read all the same, so that one slip is one finding. */
export interface NearMiss {
  readonly at: Span;
  /** The line as it should be. */
  readonly right: string;
}

/** A bullet of a task that the grammar does not know. */
export interface StrayLine {
  readonly text: string;
  readonly at: Span;
}

/** A `- **name**: value` line whose name is no field. */
export interface UnknownField {
  readonly name: string;
  readonly nameAt: Span;
}

/** A fenced block. `language` is the first word after the fence, lower-case, possibly empty. */
export interface Body {
  readonly language: string;
  readonly source: SourceText;
  readonly at: Span;
  readonly closed: boolean;
}

/** Lines `- **name**: value` as they were found, with all that was odd about them. `V` has a type for each name. */
export interface FieldBlock<V> {
  readonly fields: { readonly [K in keyof V]?: Field<V[K]> };
  readonly badFields: readonly BadField[];
  readonly nearMisses: readonly NearMiss[];
  readonly unknownFields: readonly UnknownField[];
  readonly repeatedFields: readonly { readonly name: string; readonly at: Span }[];
  readonly strayLines: readonly StrayLine[];
  /** Text beside the back-ticks of a command, which is not part of it. */
  readonly ignoredText: readonly Span[];
}

export interface PlanTask extends FieldBlock<TaskFieldValues> {
  /** Of `### Task: x` this is `x`, so that one slip is one finding. */
  readonly id: string;
  /** The heading as written. */
  readonly heading: string;
  readonly idAt: Span;
  /** The first fenced block under the task. */
  readonly body?: Body;
  readonly furtherBodies: readonly Body[];
}

/** `## Goal` of a goal-driven plan. */
export interface PlanGoal extends FieldBlock<GoalFieldValues> {
  /** The heading. */
  readonly at: Span;
}

export type InputType = 'string' | 'integer' | 'number' | 'boolean' | 'path' | 'list' | 'json' | 'model';

export interface PlanInput {
  readonly name: string;
  readonly nameAt: Span;
  readonly type: InputType;
  readonly description: string;
  /** Real: used when a batch gives no value. */
  readonly default?: string;
}

/** A script described under `## Available Scripts`; its class and memory are defaults for tasks that run it. */
export interface ScriptDoc {
  readonly name: string;
  readonly at: Span;
  readonly taskClass?: TaskClass;
  readonly vramEstimateMb?: number;
}

/** Run defaults from the YAML front matter. */
export interface PlanDefaults {
  readonly timeout?: number;
  readonly retries?: number;
  readonly priority?: number;
  readonly model?: string;
  readonly max_tokens?: number;
  readonly temperature?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A level-two heading with its place; `closest` sections of the grammar are found by lint. */
export interface SectionHeading {
  readonly title: string;
  readonly at: Span;
}

/** A `### …` outside `## Tasks` that carries task fields. */
export interface MisplacedTask {
  readonly id: string;
  readonly at: Span;
}

export interface Plan {
  readonly file: string;
  readonly name: string;
  readonly objective: string;
  readonly inputs: readonly PlanInput[];
  readonly scripts: readonly ScriptDoc[];
  readonly defaults: PlanDefaults;
  readonly tasks: readonly PlanTask[];
  readonly sections: readonly SectionHeading[];
  /** Present exactly when the plan is goal-driven. */
  readonly goal?: PlanGoal;
  readonly misplacedTasks: readonly MisplacedTask[];
  /** What was wrong with the front matter or with lines of `## Inputs`, by code. */
  readonly faults: readonly PlanFault[];
  readonly lineCount: number;
}

export interface PlanFault {
  readonly code: string;
  readonly at: Span;
  readonly message: string;
  readonly help?: string;
}
