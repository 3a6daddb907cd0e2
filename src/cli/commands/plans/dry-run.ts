/** What a plan would run, told without running it: tasks in order, commands with their values, lists as far as known. */

import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

import { expandForeach, renderForeach, renderTask } from '../../../plans/index.ts';
import type {
  Builtins,
  CompiledNode,
  CompiledPlan,
  ForeachItem,
  JsonValue,
  RenderedTask,
} from '../../../plans/index.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';

interface DryRun {
  readonly plan: CompiledPlan;
  readonly folder: string;
  readonly json: boolean;
}

interface PlannedTask {
  readonly id: string;
  readonly type: string;
  readonly class: string;
  readonly depends_on: readonly string[];
  /** Null where it depends on an item that only the run will know. */
  readonly command: string | null;
  readonly note: string | null;
}

export function renderDryRun(context: CliContext, { plan, folder, json }: DryRun): Promise<void> {
  const batchId = 'DRY_RUN';
  const builtins = { batchId, planPath: folder, batchPath: join(folder, 'history', batchId) };
  const tasks = plan.nodes.flatMap((node) => plannedTasks(node, plan, builtins));
  if (json) printJson(context, { plan: plan.name, tasks });
  else for (const task of tasks) context.out.write(showTask(context, task));
  return Promise.resolve();
}

function plannedTasks(node: CompiledNode, plan: CompiledPlan, builtins: Builtins): PlannedTask[] {
  if (node.kind === 'task') return [planned(node, plan, builtins)];
  const items = itemsOf(node, plan, builtins);
  if (typeof items !== 'string') return items.map((item) => planned(node, plan, builtins, item));
  return [{ ...planned(node, plan, builtins, unknownItem(node)), note: `one task per item: ${items}` }];
}

/** An item whose every field is its own placeholder: what is known of the command is filled in all the same. */
function unknownItem(node: CompiledNode): ForeachItem {
  const text = JSON.stringify(node);
  const fields = [...text.matchAll(/\{(?:raw:)?ITEM\.([\w.]+)\}/g)].map((match) => match[1] ?? '');
  const value = fields.reduce<JsonObject>((item, field) => withField(item, field.split('.'), `{ITEM.${field}}`), {});
  return { key: 'ITEM', index: 0, name: node.name, value: fields.length === 0 ? '{ITEM}' : value };
}

interface JsonObject {
  readonly [key: string]: JsonValue;
}

function withField(item: JsonObject, [first = '', ...rest]: readonly string[], value: string): JsonObject {
  const inner = item[first];
  const below = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as JsonObject) : {};
  return { ...item, [first]: rest.length === 0 ? value : withField(below, rest, value) };
}

function planned(node: CompiledNode, plan: CompiledPlan, builtins: Builtins, item?: ForeachItem): PlannedTask {
  const head = headOf(node, item?.name ?? node.name);
  const result = renderTask({ plan, node, builtins, ...(item === undefined ? {} : { item }) });
  if (result.kind === 'unrenderable') return { ...head, command: null, note: result.reason };
  const { task } = result;
  return { ...head, command: textOf(task), note: node.classProblem ?? null };
}

function textOf(task: RenderedTask): string {
  if (task.type === 'shell') return task.command;
  return task.type === 'meta' ? `${task.action} ${task.model}` : task.prompt;
}

function headOf(node: CompiledNode, id: string): Omit<PlannedTask, 'command' | 'note'> {
  const dependsOn = node.deps.map(({ on, condition }) => (condition === 'success' ? on : `${condition}(${on})`));
  return { id, type: node.type, class: node.taskClass, depends_on: dependsOn };
}

/** The items of a list that exists before the run; else why they are not known yet. */
function itemsOf(node: CompiledNode, plan: CompiledPlan, builtins: Builtins): readonly ForeachItem[] | string {
  const rendered = renderForeach({ plan, node, builtins });
  if (rendered.kind === 'unrenderable') return rendered.reason;
  const { path } = rendered.source;
  const file = isAbsolute(path) ? path : join(builtins.batchPath, path);
  if (!existsSync(file)) return `${path} is written by the run`;
  const grouping = node.batchSize === undefined ? {} : { batchSize: node.batchSize };
  const text = readFileSync(file, 'utf8');
  const expansion = expandForeach({ template: node.name, source: rendered.source, text, ...grouping });
  return expansion.kind === 'expanded' ? expansion.items : expansion.reason;
}

function showTask({ out }: CliContext, task: PlannedTask): string {
  const after = task.depends_on.length === 0 ? '' : ` after ${task.depends_on.join(', ')}`;
  const note = task.note === null ? '' : `  # ${task.note}\n`;
  const body = (task.command ?? '')
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}\n`);
  return `${out.paint('bold', task.id)} (${task.type}, ${task.class})${after}\n${note}${body.join('')}\n`;
}
