/** Lists every task that a compiled plan would create, with its command as it would run. Writes and runs nothing. */
import { expandForeach } from '../foreach/expand.ts';
import type { Builtins, CompiledDependency, CompiledNode, CompiledPlan, ForeachItem, TaskClass } from '../types.ts';
import { renderForeach, renderTask } from './render-task.ts';

export interface DryRunTask {
  readonly name: string;
  readonly type: 'shell' | 'generate';
  readonly class: TaskClass;
  readonly depends_on: readonly CompiledDependency[];
  /** The bash text, or the prompt of a generate task. */
  readonly text: string;
}

export interface DryRunTemplate {
  readonly template: string;
  /** Where the list will come from. */
  readonly list: string;
  readonly note: string;
}

export interface DryRun {
  /** In an order in which they could run. */
  readonly tasks: readonly DryRunTask[];
  /** Templates whose list is not there yet: how many tasks they make is not known. */
  readonly unexpanded: readonly DryRunTemplate[];
  /** Definition errors that only a value could show. */
  readonly problems: readonly string[];
}

export interface DryRunRequest {
  readonly plan: CompiledPlan;
  readonly builtins: Builtins;
  /** The text of a foreach file, or undefined when there is none yet. */
  readonly readList: (path: string) => string | undefined;
}

type Mutable = { tasks: DryRunTask[]; unexpanded: DryRunTemplate[]; problems: string[] };

export function dryRun(request: DryRunRequest): DryRun {
  const listing: Mutable = { tasks: [], unexpanded: [], problems: [] };
  for (const node of request.plan.nodes) {
    if (node.kind === 'task') listTask(listing, request, node);
    else listTemplate(listing, request, node);
  }
  return listing;
}

function listTask(listing: Mutable, { plan, builtins }: DryRunRequest, node: CompiledNode, item?: ForeachItem): void {
  const result = renderTask({ plan, node, builtins, ...(item === undefined ? {} : { item }) });
  if (result.kind === 'unrenderable') {
    listing.problems.push(`${item?.name ?? node.name}: ${result.reason}`);
    return;
  }
  const { task } = result;
  const text = task.type === 'shell' ? task.command : task.prompt;
  listing.tasks.push({ name: task.name, type: task.type, class: node.taskClass, depends_on: node.deps, text });
}

function listTemplate(listing: Mutable, request: DryRunRequest, node: CompiledNode): void {
  const { plan, builtins, readList } = request;
  const rendered = renderForeach({ plan, node, builtins });
  if (rendered.kind === 'unrenderable') {
    listing.problems.push(`${node.name}: ${rendered.reason}`);
    return;
  }
  const { source } = rendered;
  // A list that an earlier task writes belongs to that run, not to what happens to lie there now.
  const text = node.deps.length === 0 ? readList(source.path) : undefined;
  if (text === undefined) {
    const list = source.pointer === undefined ? source.path : `${source.path}:${source.pointer}`;
    listing.unexpanded.push({ template: node.name, list, note: 'one task per item, once the list is there' });
    return;
  }
  const expansion = expandForeach({ template: node.name, source, text });
  if (expansion.kind === 'failed') listing.problems.push(`${node.name}: ${expansion.reason}`);
  else for (const item of expansion.items) listTask(listing, request, node, item);
}
