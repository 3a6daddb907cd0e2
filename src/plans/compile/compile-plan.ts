/** Makes of a plan and a batch's values what the brain runs: typed nodes in order. A plan with errors is rejected. */
import { orderOf } from '../graph/order.ts';
import { hasErrors, lintResolved } from '../lint/lint-plan.ts';
import type { LintContext } from '../lint/rule.ts';
import { resolvePlan } from '../meaning/resolve-plan.ts';
import type { ResolvedDependency, ResolvedTask } from '../meaning/resolve-plan.ts';
import { batchVariables } from '../meaning/variables.ts';
import type { BatchConfig } from '../meaning/variables.ts';
import type { CompiledDependency, CompiledNode, CompileResult, Plan } from '../types.ts';

/** Attempts, time and priority of a task that says nothing. */
export const TASK_DEFAULTS = { retries: 2, timeoutMs: 30 * 60_000, priority: 5 } as const;

export interface CompileContext extends Omit<LintContext, 'config'> {
  readonly config: BatchConfig;
}

export function compilePlan(plan: Plan, context: CompileContext): CompileResult {
  const resolved = resolvePlan(plan);
  const diagnostics = lintResolved(resolved, context);
  if (hasErrors(diagnostics)) return { kind: 'rejected', diagnostics };
  const nodes = resolved.tasks.map((task) => compileTask(task, plan));
  const ordering = orderOf(nodes.map(({ name, deps }) => ({ name, after: deps.map(({ on }) => on) })));
  const order = ordering.kind === 'ordered' ? ordering.order : nodes.keys();
  const ordered = [...order].flatMap((index) => nodes[index] ?? []);
  const { name, objective } = plan;
  const variables = batchVariables(plan, context.config);
  return { kind: 'compiled', plan: { format: 1, name, objective, variables, nodes: ordered }, diagnostics };
}

function compileTask(resolved: ResolvedTask, plan: Plan): CompiledNode {
  const { fields } = resolved.task;
  const model = fields.model?.value ?? fields.llm_model?.value ?? plan.defaults.model;
  if (resolved.type === 'generate') {
    const maxTokens = fields.max_tokens?.value ?? plan.defaults.max_tokens;
    const temperature = fields.temperature?.value ?? plan.defaults.temperature;
    return {
      ...commonParts(resolved, plan),
      type: 'generate',
      prompt: resolved.prompt?.text ?? '',
      model: model ?? '',
      input: fields.input?.value ?? [],
      ...(maxTokens === undefined ? {} : { maxTokens }),
      ...(temperature === undefined ? {} : { temperature }),
    };
  }
  const language = resolved.program?.language ?? 'bash';
  const command = { language, text: resolved.program?.source.text ?? '' };
  const usesModel = resolved.class.taskClass === 'llm' && model !== undefined;
  return { ...commonParts(resolved, plan), type: 'shell', command, ...(usesModel ? { model } : {}) };
}

type CommonParts = Omit<Extract<CompiledNode, { type: 'shell' }>, 'type' | 'command' | 'model'>;

function commonParts(resolved: ResolvedTask, { defaults }: Plan): CommonParts {
  const { task, dependencies, script } = resolved;
  const { fields } = task;
  const memory = fields.vram_estimate_mb?.value ?? script?.vramEstimateMb;
  return {
    name: task.id,
    kind: fields.foreach === undefined ? 'task' : 'template',
    taskClass: resolved.class.taskClass,
    executor: fields.executor?.value ?? 'worker',
    deps: dependencies.flatMap(compileDependency),
    ...(fields.foreach === undefined ? {} : { foreach: fields.foreach.value }),
    retries: fields.retries?.value ?? defaults.retries ?? TASK_DEFAULTS.retries,
    timeoutMs: fields.timeout?.value ?? defaults.timeout ?? TASK_DEFAULTS.timeoutMs,
    priority: fields.priority?.value ?? defaults.priority ?? TASK_DEFAULTS.priority,
    env: environmentOf(fields.env?.value, defaults.env),
    requires: fields.requires?.value ?? NONE,
    produces: fields.produces?.value ?? NONE,
    failCodes: fields.fail_codes?.value ?? NONE,
    ...(memory === undefined ? {} : { vramEstimateMb: memory }),
    ...(fields.stuck_after === undefined ? {} : { stuckAfterMs: fields.stuck_after.value }),
    line: task.idAt.line,
  };
}

type Environment = Readonly<Record<string, string>>;

/** Shared by the many nodes that have nothing here. */
const NONE: readonly never[] = [];
const EMPTY: Environment = {};

function environmentOf(own: Environment = EMPTY, defaults: Environment = EMPTY): Environment {
  return own === EMPTY ? defaults : { ...defaults, ...own };
}

function compileDependency({ ref, condition, target, perItem }: ResolvedDependency): CompiledDependency[] {
  if (target === undefined) return [];
  return [{ on: target, condition, ...(perItem ? { perItem: ref.on } : {}) }];
}
