/**
 * What the written fields of a task add up to once defaults, script sections and the other tasks are known. It reports
 * nothing.
 */
import { spanOf } from '../span.ts';
import type {
  Body,
  DependencyCondition,
  DependencyRef,
  Executor,
  Field,
  Plan,
  PlanTask,
  ScriptDoc,
  SourceText,
  Span,
  TaskType,
  WhenClause,
} from '../types.ts';
import { metaActionOf } from './meta.ts';
import { chooseClass, scriptOf } from './task-class.ts';
import type { ClassChoice } from './task-class.ts';

export interface ResolvedDependency {
  readonly ref: DependencyRef;
  readonly condition: DependencyCondition;
  /** The id of the task or template meant; undefined when there is none. */
  readonly target: string | undefined;
  /** Written with `{ITEM…}`: an edge to the item task of that name. */
  readonly perItem: boolean;
}

/** A `when` with the task that it names. */
export interface ResolvedCondition {
  readonly clause: WhenClause;
  readonly at: Span;
  /** The id of the decide task or template; absent when there is no such task. */
  readonly target?: string;
  /** The name of the decide task of one item: written so, or meant, both being templates over the same list. */
  readonly perItem?: string;
}

export interface ResolvedTask {
  readonly task: PlanTask;
  readonly type: TaskType;
  readonly class: ClassChoice;
  /** Class brain and executor brain are one. */
  readonly executor: Executor;
  readonly script: ScriptDoc | undefined;
  /** What a shell task runs. */
  readonly program: { readonly language: 'bash' | 'python'; readonly source: SourceText } | undefined;
  readonly prompt: SourceText | undefined;
  /** With the one that `when` implies. */
  readonly dependencies: readonly ResolvedDependency[];
  readonly condition: ResolvedCondition | undefined;
}

const PYTHON = new Set(['python', 'py', 'python3']);

/** The first task of each id, as written. */
type WrittenTasks = ReadonlyMap<string, PlanTask>;

export function resolveTask(task: PlanTask, plan: Plan, written: WrittenTasks): ResolvedTask {
  const type = typeOf(task);
  const program = runsCommand(type) ? programOf(task) : undefined;
  const prompt = runsCommand(type) ? undefined : task.body?.source;
  const command = program?.source.text ?? '';
  const script = plan.scripts.length === 0 ? undefined : scriptOf(command, plan.scripts);
  const { fields } = task;
  const executor = fields.executor?.value;
  const invalid = task.badFields.find(({ problem }) => problem === 'unknown-class')?.message;
  const choice = chooseClass({ written: fields.task_class?.value, invalid, script, type, executor, command });
  const condition = fields.when === undefined ? undefined : resolveCondition(fields.when, task, written);
  const asked = (fields.depends_on?.value ?? NONE).map((ref) => resolveDependency(ref, written));
  return {
    task,
    type,
    class: choice,
    executor: choice.taskClass === 'brain' ? 'brain' : (executor ?? 'worker'),
    script,
    program,
    prompt,
    dependencies: condition === undefined ? asked : withImplied(asked, condition),
    condition,
  };
}

/** Old plans load and unload models with commands of class meta, without a type. */
function typeOf({ fields }: PlanTask): TaskType {
  if (fields.type !== undefined) return fields.type.value;
  const isMeta = fields.task_class?.value === 'meta' && metaActionOf(fields.command?.source.text ?? '') !== undefined;
  return isMeta ? 'meta' : 'shell';
}

export function runsCommand(type: TaskType): boolean {
  return type === 'shell' || type === 'meta';
}

function programOf(task: PlanTask): ResolvedTask['program'] {
  const command = task.fields.command;
  if (command !== undefined) return { language: 'bash', source: command.source };
  return task.body === undefined ? undefined : { language: languageOf(task.body), source: task.body.source };
}

function languageOf(body: Body): 'bash' | 'python' {
  return PYTHON.has(body.language) ? 'python' : 'bash';
}

const NONE: readonly never[] = [];

function resolveDependency(ref: DependencyRef, written: WrittenTasks): ResolvedDependency {
  const { on, condition } = ref;
  const { target, perItem } = targetOf(on, written);
  return { ref, condition, perItem, target };
}

/** `transcribe_{ITEM.id}` means the template `transcribe`: the id that ends before the placeholder's `_`. */
function targetOf(on: string, written: WrittenTasks): { readonly target?: string; readonly perItem: boolean } {
  if (written.has(on)) return { target: on, perItem: false };
  const brace = on.indexOf('{ITEM');
  if (brace < 0) return { perItem: false };
  const template = on.slice(0, brace).replace(/_$/, '');
  return written.has(template) ? { target: template, perItem: true } : { perItem: true };
}

function resolveCondition(when: Field<WhenClause>, task: PlanTask, written: WrittenTasks): ResolvedCondition {
  const clause = when.value;
  const base = { clause, at: spanOf(when.source) };
  const { target, perItem } = targetOf(clause.task, written);
  if (target === undefined) return base;
  if (perItem) return { ...base, target, perItem: clause.task };
  const own = task.fields.foreach?.source.text;
  const sameList = own !== undefined && written.get(target)?.fields.foreach?.source.text === own;
  return sameList ? { ...base, target, perItem: `${target}_{ITEM_KEY}` } : { ...base, target };
}

/** A task waits for the answer that it asks for, unless it says already how it waits for that task. */
function withImplied(
  asked: readonly ResolvedDependency[],
  condition: ResolvedCondition,
): readonly ResolvedDependency[] {
  const { clause, target, perItem, at } = condition;
  if (target === undefined || asked.some((one) => one.target === target)) return asked;
  const on = perItem ?? clause.task;
  const ref = { on, condition: 'success', at } as const;
  return [...asked, { ref, condition: 'success', target, perItem: perItem !== undefined }];
}
