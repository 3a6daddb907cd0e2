/**
 * The types of a plan: as written (`Plan`, with a position for every piece), as compiled for one batch
 * (`CompiledPlan`, plain JSON) and as rendered for one attempt (`RenderedTask`). No behaviour lives here.
 */
import type { Diagnostic, TaskClass, TaskType } from '../contract/index.ts';

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

export type TaskFields = { readonly [K in TaskFieldName]?: Field<TaskFieldValues[K]> };

/** A field whose text could not be read as its type; a list in the wrong notation is read all the same. */
export interface BadField {
  readonly name: TaskFieldName;
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

export interface PlanTask {
  /** Of `### Task: x` this is `x`, so that one slip is one finding. */
  readonly id: string;
  /** The heading as written. */
  readonly heading: string;
  readonly idAt: Span;
  readonly fields: TaskFields;
  /** The first fenced block under the task. */
  readonly body?: Body;
  readonly furtherBodies: readonly Body[];
  readonly badFields: readonly BadField[];
  readonly nearMisses: readonly NearMiss[];
  readonly unknownFields: readonly UnknownField[];
  readonly repeatedFields: readonly { readonly name: TaskFieldName; readonly at: Span }[];
  readonly strayLines: readonly StrayLine[];
  /** Text beside the back-ticks of a command, which is not part of it. */
  readonly ignoredText: readonly Span[];
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
  /** The place of `- **type**:` under `## Goal`: the plan is goal-driven. */
  readonly goalType?: Field<string>;
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

// ---- compiled -------------------------------------------------------------------------------------------------

/** An edge. With `perItem`, the item task of that name is meant (after substitution), `on` being its template. */
export interface CompiledDependency {
  readonly on: string;
  readonly condition: DependencyCondition;
  readonly perItem?: string;
}

/** Text that bash runs, or a Python program that is handed to `python3`. */
export interface CommandTemplate {
  readonly language: 'bash' | 'python';
  readonly text: string;
}

interface CompiledNodeBase {
  /** Unique in the batch. */
  readonly name: string;
  /** A template never runs itself: it expands to one task per item of its list. */
  readonly kind: 'task' | 'template';
  readonly taskClass: TaskClass;
  readonly executor: Executor;
  readonly deps: readonly CompiledDependency[];
  /** Present exactly when `kind` is `template`; placeholders not yet replaced. */
  readonly foreach?: ForeachSource;
  /** Further attempts after the first. */
  readonly retries: number;
  readonly timeoutMs: number;
  /** 0–10, higher first; 5 is normal. */
  readonly priority: number;
  readonly env: Readonly<Record<string, string>>;
  readonly requires: readonly string[];
  readonly produces: readonly string[];
  readonly failCodes: readonly number[];
  readonly vramEstimateMb?: number;
  readonly stuckAfterMs?: number;
  /** 1-based line of the heading in plan.md. */
  readonly line: number;
}

export interface CompiledShellNode extends CompiledNodeBase {
  readonly type: 'shell';
  readonly command: CommandTemplate;
  /** The model that an llm-class command talks to. */
  readonly model?: string;
}

export interface CompiledGenerateNode extends CompiledNodeBase {
  readonly type: 'generate';
  readonly prompt: string;
  readonly model: string;
  /** Files whose text follows the prompt. */
  readonly input: readonly string[];
  readonly maxTokens?: NumberOrPlaceholder;
  readonly temperature?: NumberOrPlaceholder;
}

export type CompiledNode = CompiledShellNode | CompiledGenerateNode;

/** A plan ready to run with the values of one batch. Plain JSON; `nodes` stand in an order that respects `deps`. */
export interface CompiledPlan {
  readonly format: 1;
  readonly name: string;
  readonly objective: string;
  /** The value of every input and config key, as text. */
  readonly variables: Readonly<Record<string, string>>;
  readonly nodes: readonly CompiledNode[];
}

export type CompileResult =
  | { readonly kind: 'compiled'; readonly plan: CompiledPlan; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'rejected'; readonly diagnostics: readonly Diagnostic[] };

// ---- expanded and rendered ------------------------------------------------------------------------------------

/** The three names no plan or config can override. */
export interface Builtins {
  readonly batchId: string;
  /** Absolute. */
  readonly planPath: string;
  /** Absolute. */
  readonly batchPath: string;
}

export interface ForeachItem {
  /** `item.id`, or the index. One safe path segment. */
  readonly key: string;
  readonly index: number;
  /** `<template>_<key>`. */
  readonly name: string;
  readonly value: JsonValue;
}

export type Expansion =
  | { readonly kind: 'expanded'; readonly items: readonly ForeachItem[] }
  /** The template fails with this reason: malformed text, no list at the path, an item without a usable id. */
  | { readonly kind: 'failed'; readonly reason: string };

interface RenderedBase {
  readonly name: string;
  /** The plan's `env` and the `DROVER_*` values known to the plan; the agent adds its own. */
  readonly env: Readonly<Record<string, string>>;
  /** As written after substitution; relative ones resolve in the batch folder. */
  readonly requires: readonly string[];
  readonly produces: readonly string[];
  /** The item as JSON, for the file named by `DROVER_ITEM_FILE`. */
  readonly itemJson?: string;
}

export interface RenderedShellTask extends RenderedBase {
  readonly type: 'shell';
  /** For bash. */
  readonly command: string;
  readonly model?: string;
}

export interface RenderedGenerateTask extends RenderedBase {
  readonly type: 'generate';
  readonly prompt: string;
  readonly model: string;
  readonly input: readonly string[];
  readonly maxTokens?: number;
  readonly temperature?: number;
}

export type RenderedTask = RenderedShellTask | RenderedGenerateTask;

export type RenderResult =
  | { readonly kind: 'rendered'; readonly task: RenderedTask }
  /** A definition error found only with this item: a missing field, a NUL byte, no number where one is needed. */
  | { readonly kind: 'unrenderable'; readonly reason: string };
