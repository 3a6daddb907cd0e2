/** A plan compiled for one batch: plain JSON, stored as it is and read by the brain. */
import type { Diagnostic } from '../../contract/index.ts';
import type {
  DependencyCondition,
  Executor,
  ForeachSource,
  NumberOrPlaceholder,
  TaskClass,
  Tolerance,
  WhenClause,
} from './written.ts';

/** An edge. With `perItem`, the item task of that name is meant (after substitution), `on` being its template. */
export interface CompiledDependency {
  readonly on: string;
  readonly condition: DependencyCondition;
  readonly perItem?: string;
}

/** What `when` asks for; see `renderCondition`. */
export interface CompiledCondition {
  /** The decide task, or the template of decide tasks. */
  readonly on: string;
  /** Present when `on` is a template: the name of the decide task of one item, placeholders not yet replaced. */
  readonly perItem?: string;
  readonly operator: WhenClause['operator'];
  /** Placeholders not yet replaced. */
  readonly value: string;
}

/** Text that bash runs, or a Python program that is handed to `python3`. */
export interface CommandTemplate {
  readonly language: 'bash' | 'python';
  readonly text: string;
}

/** What a model must be like, where the plan names none. */
export interface ModelWish {
  /** 1–5. */
  readonly minTier: number;
  /** Absent: either. */
  readonly placement?: 'single_gpu' | 'split_gpu';
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
  /** Runs only when the answer of a decide task is (not) this; `deps` has the edge that this implies. */
  readonly when?: CompiledCondition;
  /** Templates: items that may fail without failing the template. */
  readonly tolerance?: Tolerance;
  /** Templates: items that one task takes together; absent for one. */
  readonly batchSize?: number;
  /** `inputs`: not run again while inputs, command and products are what they were. */
  readonly cache?: 'inputs';
  /** The brain scores the output. */
  readonly evaluate?: true;
  /** Without output and progress for this long it counts as stuck; absent: the setting. */
  readonly stuckAfterMs?: number;
  /** The class that was written is missing or none; `taskClass` is what the rules chose (P2.5). */
  readonly classProblem?: string;
  /** 1-based line of the heading in plan.md. */
  readonly line: number;
}

export interface CompiledShellNode extends CompiledNodeBase {
  readonly type: 'shell';
  readonly command: CommandTemplate;
  /** The model that an llm-class command talks to. */
  readonly model?: string;
  /** In place of a model. */
  readonly modelWish?: ModelWish;
  readonly failCodes: readonly number[];
  /** `fixed`: the estimate as written. `infer`: what earlier attempts used. Absent: the estimate, else what was learned. */
  readonly vramPolicy?: 'infer' | 'fixed';
  readonly vramEstimateMb?: number;
  /** It may be stopped and continued (SIGSTOP, SIGCONT). */
  readonly pausable?: true;
  readonly sandbox?: 'bwrap';
  /** Names of secrets that its environment gets. */
  readonly secrets?: readonly string[];
}

interface CompiledModelNode extends CompiledNodeBase {
  readonly prompt: string;
  /** Empty where there is a wish instead. */
  readonly model: string;
  readonly modelWish?: ModelWish;
  /** Files whose text follows the prompt. */
  readonly input: readonly string[];
  readonly maxTokens?: NumberOrPlaceholder;
  readonly temperature?: NumberOrPlaceholder;
}

/** A text. */
interface CompiledGenerateNode extends CompiledModelNode {
  readonly type: 'generate';
}

/** A JSON value that fits a schema. */
export interface CompiledParseNode extends CompiledModelNode {
  readonly type: 'parse';
  /** JSON Schema: its text, or a path; a relative one resolves in the plan's folder. */
  readonly schema:
    | { readonly kind: 'inline'; readonly text: string }
    | { readonly kind: 'file'; readonly path: string };
}

/** One of the options, or the answer to a question as a short text. */
interface CompiledDecideNode extends CompiledModelNode {
  readonly type: 'decide';
  /** Empty for an open question. */
  readonly options: readonly string[];
}

/** What the brain itself does to models, written as a task. */
export interface CompiledMetaNode extends CompiledNodeBase {
  readonly type: 'meta';
  readonly action: 'load_llm' | 'unload_llm';
  readonly model: string;
}

export type CompiledAskingNode = CompiledGenerateNode | CompiledParseNode | CompiledDecideNode;
export type CompiledNode = CompiledShellNode | CompiledAskingNode | CompiledMetaNode;

/** Items of the pipeline are made until enough of them were accepted. */
export interface CompiledGoal {
  readonly type: 'target_count';
  /** At least 1. */
  readonly target: number;
  /** How many fewer will do; less than the target. */
  readonly tolerance: number;
  /** The template whose items count: a success of it is an accepted candidate. */
  readonly trackedTask: string;
  /** Tasks that make the list of candidates; empty when it is there already. */
  readonly discoveryTasks: readonly string[];
  /** No more candidates are tried than this times the target; at least 1, may be broken. */
  readonly maxAttemptsMultiplier: number;
}

/** A plan ready to run with the values of one batch. Plain JSON; `nodes` stand in an order that respects `deps`. */
export interface CompiledPlan {
  readonly format: 1;
  readonly name: string;
  readonly objective: string;
  /** The value of every input and config key, as text. */
  readonly variables: Readonly<Record<string, string>>;
  readonly nodes: readonly CompiledNode[];
  /** Present exactly in a goal-driven plan. */
  readonly goal?: CompiledGoal;
}

export type CompileResult =
  | { readonly kind: 'compiled'; readonly plan: CompiledPlan; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'rejected'; readonly diagnostics: readonly Diagnostic[] };
