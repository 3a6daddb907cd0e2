/** Makes of a plan and a batch's values what the brain runs: typed nodes in order. A plan with errors is rejected. */
import { hasErrors, lintResolved } from '../lint/lint-plan.ts';
import type { LintContext } from '../lint/rule.ts';
import { compileGoal } from '../meaning/goal.ts';
import { metaActionOf } from '../meaning/meta.ts';
import { modelOf, wishOf } from '../meaning/model.ts';
import { resolvePlan } from '../meaning/resolve-plan.ts';
import type { ResolvedCondition, ResolvedDependency, ResolvedTask } from '../meaning/resolve-task.ts';
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
  PlanTask,
  TaskFieldName,
} from '../types.ts';

interface CompileContext extends Omit<LintContext, 'config'> {
  readonly config: BatchConfig;
}

export function compilePlan(plan: Plan, context: CompileContext): CompileResult {
  const resolved = resolvePlan(plan);
  const diagnostics = lintResolved(resolved, context);
  if (hasErrors(diagnostics)) return { kind: 'rejected', diagnostics };
  const { ordering, tasks } = resolved;
  const order = ordering.kind === 'ordered' ? ordering.order : tasks.keys();
  const nodes: CompiledNode[] = [];
  for (const index of order) {
    const task = tasks[index];
    if (task !== undefined) nodes.push(compileTask(task, plan));
  }
  const { name, objective } = plan;
  const variables = batchVariables(plan, context.config);
  const goal = resolved.goal === undefined ? {} : { goal: compileGoal(resolved.goal, variables) };
  return { kind: 'compiled', plan: { format: 1, name, objective, variables, nodes, ...goal }, diagnostics };
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
  const memory = fields.vram_estimate_mb?.value ?? script?.vramEstimateMb;
  const model = choice.taskClass === 'llm' ? modelOf(resolved, plan)?.name : undefined;
  const own: Pick<CompiledShellNode, 'type' | 'command' | 'failCodes'> = {
    type: 'shell',
    command: { language: program?.language ?? 'bash', text: program?.source.text ?? '' },
    failCodes: fields.fail_codes?.value ?? NONE,
  };
  const node: CompiledShellNode = Object.assign(commonParts(resolved, plan), own);
  const wish = wishOf(resolved, plan);
  if (model === undefined && wish === undefined && memory === undefined && !has(resolved, SHELL_OPTIONS)) return node;
  return {
    ...node,
    ...(model === undefined ? {} : { model }),
    ...(wish === undefined ? {} : { modelWish: wish }),
    ...(memory === undefined ? {} : { vramEstimateMb: memory }),
    ...shellOptions(fields),
  };
}

const SHELL_OPTIONS = ['vram_policy', 'pausable', 'sandbox', 'secrets'] as const;

function shellOptions({ vram_policy: policy, pausable, sandbox, secrets }: Fields): Partial<CompiledShellNode> {
  return {
    ...(policy === undefined || policy.value === 'default' ? {} : { vramPolicy: policy.value }),
    ...(pausable?.value === true ? { pausable: true } : {}),
    ...(sandbox?.value === 'bwrap' ? { sandbox: 'bwrap' } : {}),
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
  const wish = wishOf(resolved, plan);
  return {
    ...commonParts(resolved, plan),
    prompt: resolved.prompt?.text ?? '',
    model: modelOf(resolved, plan)?.name ?? '',
    ...(wish === undefined ? {} : { modelWish: wish }),
    input: fields.input?.value ?? NONE,
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
  };
}

type CommonParts = Omit<CompiledMetaNode, 'type' | 'action' | 'model'>;
type Fields = PlanTask['fields'];

/**
 * What few tasks have is put together only for them: a plan may have a hundred thousand. The many are assigned to, since
 * a spread with further fields behind it costs ten times as much.
 */
function has({ task: { fields } }: ResolvedTask, names: readonly TaskFieldName[]): boolean {
  for (const name of names) if (fields[name] !== undefined) return true;
  return false;
}

function commonParts(resolved: ResolvedTask, { defaults }: Plan): CommonParts {
  const { task, dependencies } = resolved;
  const { fields } = task;
  const { taskClass, problem } = resolved.class;
  const parts: CommonParts = {
    name: task.id,
    kind: fields.foreach === undefined ? 'task' : 'template',
    taskClass,
    executor: resolved.executor,
    deps: dependencies.length === 0 ? NONE : dependencies.map(compileDependency),
    retries: fields.retries?.value ?? defaults.retries ?? TASK_DEFAULTS.retries,
    timeoutMs: fields.timeout?.value ?? defaults.timeout ?? TASK_DEFAULTS.timeoutMs,
    priority: fields.priority?.value ?? defaults.priority ?? TASK_DEFAULTS.priority,
    env: environmentOf(fields.env?.value, defaults.env),
    requires: fields.requires?.value ?? NONE,
    produces: fields.produces?.value ?? NONE,
    line: task.idAt.line,
  };
  if (problem === undefined && !has(resolved, COMMON_OPTIONS)) return parts;
  return { ...parts, ...(problem === undefined ? {} : { classProblem: problem }), ...commonOptions(resolved) };
}

const COMMON_OPTIONS = ['foreach', 'when', 'tolerance', 'batch_size', 'cache', 'evaluate', 'stuck_after'] as const;

function commonOptions({ task: { fields }, condition }: ResolvedTask): Partial<CommonParts> {
  const { foreach, tolerance, batch_size: size, cache, evaluate, stuck_after: stuck } = fields;
  return {
    ...(foreach === undefined ? {} : { foreach: foreach.value }),
    ...(condition === undefined ? {} : { when: compileCondition(condition) }),
    ...(tolerance === undefined ? {} : { tolerance: tolerance.value }),
    ...(size === undefined || size.value === 1 ? {} : { batchSize: size.value }),
    ...(cache?.value === 'inputs' ? { cache: 'inputs' } : {}),
    ...(evaluate?.value === true ? { evaluate: true } : {}),
    ...(stuck === undefined ? {} : { stuckAfterMs: stuck.value }),
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

function compileDependency({ ref, condition, target, perItem }: ResolvedDependency): CompiledDependency {
  // Lint lets no plan pass in which there is none of the name.
  const on = target ?? ref.on;
  return perItem ? { on, condition, perItem: ref.on } : { on, condition };
}
