/** A plan compiled for one batch: plain JSON, stored as it is and read by the brain. */
import type { Diagnostic } from '../../contract/index.ts';
import type { DependencyCondition, Executor, ForeachSource, NumberOrPlaceholder, TaskClass } from './written.ts';

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
