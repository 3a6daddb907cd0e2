/**
 * What the written fields add up to once defaults, script sections and the other tasks are known. Lint and compile
 * both read this, so that they never disagree. It reports nothing.
 */
import type {
  Body,
  DependencyCondition,
  DependencyRef,
  Plan,
  PlanTask,
  ScriptDoc,
  SourceText,
  TaskType,
} from '../types.ts';
import { chooseClass, scriptOf } from './task-class.ts';
import type { ClassChoice } from './task-class.ts';
import { plainTexts } from './task-texts.ts';
import type { TaskText } from './task-texts.ts';

export interface ResolvedDependency {
  readonly ref: DependencyRef;
  readonly condition: DependencyCondition;
  /** The id of the task or template meant; absent when there is none. */
  readonly target?: string;
  /** Written with `{ITEM…}`: an edge to the item task of that name. */
  readonly perItem: boolean;
}

export interface ResolvedTask {
  readonly task: PlanTask;
  readonly type: TaskType;
  readonly class: ClassChoice;
  readonly script?: ScriptDoc;
  /** What a shell task runs. */
  readonly program?: { readonly language: 'bash' | 'python'; readonly source: SourceText };
  readonly prompt?: SourceText;
  readonly dependencies: readonly ResolvedDependency[];
  readonly texts: readonly TaskText[];
}

export interface ResolvedPlan {
  readonly plan: Plan;
  readonly tasks: readonly ResolvedTask[];
  /** The first task of each id. */
  readonly byId: ReadonlyMap<string, ResolvedTask>;
}

const PYTHON = new Set(['python', 'py', 'python3']);

export function resolvePlan(plan: Plan): ResolvedPlan {
  const ids = new Set(plan.tasks.map((task) => task.id));
  const tasks = plan.tasks.map((task) => resolveTask(task, plan, ids));
  const byId = new Map<string, ResolvedTask>();
  for (const resolved of tasks) if (!byId.has(resolved.task.id)) byId.set(resolved.task.id, resolved);
  return { plan, tasks, byId };
}

function resolveTask(task: PlanTask, plan: Plan, ids: ReadonlySet<string>): ResolvedTask {
  const type = task.fields.type?.value ?? 'shell';
  const program = runsCommand(type) ? programOf(task) : undefined;
  const prompt = runsCommand(type) ? undefined : task.body?.source;
  const command = program?.source.text ?? '';
  const script = plan.scripts.length === 0 ? undefined : scriptOf(command, plan.scripts);
  const written = task.fields.task_class?.value;
  const byBrain = task.fields.executor?.value === 'brain';
  return {
    task,
    type,
    class: chooseClass({ written, script, type, byBrain, command }),
    ...(script === undefined ? {} : { script }),
    ...(program === undefined ? {} : { program }),
    ...(prompt === undefined ? {} : { prompt }),
    dependencies: (task.fields.depends_on?.value ?? []).map((ref) => resolveDependency(ref, ids)),
    texts: textsOf(task, program, prompt),
  };
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

function textsOf(task: PlanTask, program: ResolvedTask['program'], prompt: SourceText | undefined): TaskText[] {
  const texts = plainTexts(task);
  if (program !== undefined) texts.push({ reader: program.language, source: program.source, mayNameItem: true });
  if (prompt !== undefined) texts.push({ reader: 'plain', source: prompt, mayNameItem: true });
  return texts;
}

/** `transcribe_{ITEM.id}` means the template `transcribe`: the longest id that ends before the placeholder's `_`. */
function resolveDependency(ref: DependencyRef, ids: ReadonlySet<string>): ResolvedDependency {
  const { on, condition } = ref;
  if (ids.has(on)) return { ref, condition, target: on, perItem: false };
  const brace = on.indexOf('{ITEM');
  if (brace < 0) return { ref, condition, perItem: false };
  const template = on.slice(0, brace).replace(/_$/, '');
  return ids.has(template) ? { ref, condition, target: template, perItem: true } : { ref, condition, perItem: true };
}
