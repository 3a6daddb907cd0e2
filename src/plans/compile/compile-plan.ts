/** Makes of a plan and a batch's values what the brain runs: typed nodes in order. A plan with errors is rejected. */
import { orderOf } from '../graph/order.ts';
import { hasErrors, lintResolved } from '../lint/lint-plan.ts';
import type { LintContext } from '../lint/rule.ts';
import { compileGoal } from '../meaning/goal.ts';
import { metaActionOf } from '../meaning/meta.ts';
import { modelOf } from '../meaning/model.ts';
import { resolvePlan } from '../meaning/resolve-plan.ts';
import type { ResolvedCondition, ResolvedDependency, ResolvedTask } from '../meaning/resolve-plan.ts';
import { writtenSchema } from '../meaning/schema.ts';
import { TASK_DEFAULTS } from '../meaning/task-defaults.ts';
import { batchVariables } from '../meaning/variables.ts';
import type { BatchConfig } from '../meaning/variables.ts';
import type {
  CompiledCondition,
  CompiledDependency,
  CompiledMetaNode,
  CompiledNode,
  CompiledShellNode,
  CompileResult,
  Plan,
} from '../types.ts';

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
  const goal = resolved.goal === undefined ? {} : { goal: compileGoal(resolved.goal, variables) };
  return { kind: 'compiled', plan: { format: 1, name, objective, variables, nodes: ordered, ...goal }, diagnostics };
}

function compileTask(resolved: ResolvedTask, plan: Plan): CompiledNode {
  switch (resolved.type) {
    case 'shell':
      return compileShell(resolved, plan);
    case 'generate':
      return { ...askingParts(resolved, plan), type: 'generate' };
    case 'parse':
      return {
        ...askingParts(resolved, plan),
        type: 'parse',
        schema: writtenSchema(resolved.task.fields.schema?.value ?? ''),
      };
    case 'decide':
      return { ...askingParts(resolved, plan), type: 'decide', options: resolved.task.fields.options?.value ?? NONE };
    case 'meta':
      return compileMeta(resolved, plan);
  }
}

function compileShell(resolved: ResolvedTask, plan: Plan): CompiledShellNode {
  const { task, script, program, class: choice } = resolved;
  const { fields } = task;
  const { vram_policy: policy, secrets } = fields;
  const memory = fields.vram_estimate_mb?.value ?? script?.vramEstimateMb;
  const model = modelOf(resolved, plan)?.name;
  return {
    ...commonParts(resolved, plan),
    type: 'shell',
    command: { language: program?.language ?? 'bash', text: program?.source.text ?? '' },
    failCodes: fields.fail_codes?.value ?? NONE,
    ...(choice.taskClass === 'llm' && model !== undefined ? { model } : {}),
    ...(policy === undefined || policy.value === 'default' ? {} : { vramPolicy: policy.value }),
    ...(memory === undefined ? {} : { vramEstimateMb: memory }),
    ...(fields.pausable?.value === true ? { pausable: true } : {}),
    ...(fields.sandbox?.value === 'bwrap' ? { sandbox: 'bwrap' } : {}),
    ...(secrets === undefined ? {} : { secrets: secrets.value }),
  };
}

function compileMeta(resolved: ResolvedTask, plan: Plan): CompiledMetaNode {
  const action = metaActionOf(resolved.program?.source.text ?? '') ?? 'load_llm';
  return { ...commonParts(resolved, plan), type: 'meta', action, model: modelOf(resolved, plan)?.name ?? '' };
}

function askingParts(resolved: ResolvedTask, plan: Plan) {
  const { fields } = resolved.task;
  const maxTokens = fields.max_tokens?.value ?? plan.defaults.max_tokens;
  const temperature = fields.temperature?.value ?? plan.defaults.temperature;
  return {
    ...commonParts(resolved, plan),
    prompt: resolved.prompt?.text ?? '',
    model: modelOf(resolved, plan)?.name ?? '',
    input: fields.input?.value ?? NONE,
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
  };
}

type CommonParts = Omit<CompiledMetaNode, 'type' | 'action' | 'model'>;

function commonParts(resolved: ResolvedTask, { defaults }: Plan): CommonParts {
  const { task, dependencies } = resolved;
  const { fields } = task;
  return {
    name: task.id,
    kind: fields.foreach === undefined ? 'task' : 'template',
    taskClass: resolved.class.taskClass,
    executor: resolved.executor,
    deps: dependencies.flatMap(compileDependency),
    ...(fields.foreach === undefined ? {} : { foreach: fields.foreach.value }),
    retries: fields.retries?.value ?? defaults.retries ?? TASK_DEFAULTS.retries,
    timeoutMs: fields.timeout?.value ?? defaults.timeout ?? TASK_DEFAULTS.timeoutMs,
    priority: fields.priority?.value ?? defaults.priority ?? TASK_DEFAULTS.priority,
    env: environmentOf(fields.env?.value, defaults.env),
    requires: fields.requires?.value ?? NONE,
    produces: fields.produces?.value ?? NONE,
    ...(resolved.condition === undefined ? {} : { when: compileCondition(resolved.condition) }),
    ...(fields.tolerance === undefined ? {} : { tolerance: fields.tolerance.value }),
    ...((fields.batch_size?.value ?? 1) === 1 ? {} : { batchSize: fields.batch_size?.value ?? 1 }),
    ...(fields.cache?.value === 'inputs' ? { cache: 'inputs' } : {}),
    ...(fields.evaluate?.value === true ? { evaluate: true } : {}),
    ...(fields.stuck_after === undefined ? {} : { stuckAfterMs: fields.stuck_after.value }),
    ...(resolved.class.problem === undefined ? {} : { classProblem: resolved.class.problem }),
    line: task.idAt.line,
  };
}

function compileCondition({ clause, target, perItem }: ResolvedCondition): CompiledCondition {
  const { task, operator, value } = clause;
  return { on: target ?? task, operator, value, ...(perItem === undefined ? {} : { perItem }) };
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
