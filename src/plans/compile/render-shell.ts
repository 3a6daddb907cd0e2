/** What bash runs for a shell task: its command with values in place or, for a group of items, theirs in turn. */
import { membersOf } from '../foreach/groups.ts';
import { quoteForBash, substituteCommand } from '../shell/substitute-command.ts';
import type { CommandTemplate, CompiledShellNode, ForeachItem, RenderedShellTask } from '../types.ts';
import { findPlaceholders, placeholderText } from '../variables/placeholders.ts';
import { declaredNames, replaceEach, substituteText, Unrenderable, valueOf } from '../variables/values.ts';
import type { Values } from '../variables/values.ts';
import { commonParts, valuesOf } from './render-common.ts';
import type { RenderRequest } from './render-common.ts';

export function renderShell(node: CompiledShellNode, request: RenderRequest): RenderedShellTask {
  const { item } = request;
  return item?.group === undefined ? renderOne(node, request) : renderGroup(node, request, item);
}

function renderOne(node: CompiledShellNode, request: RenderRequest): RenderedShellTask {
  const values = valuesOf(request);
  const model = node.model === undefined ? undefined : substituteText(node.model, values);
  return {
    ...commonParts(request, values, model),
    type: 'shell',
    command: renderCommand(node.command, values),
    ...(model === undefined ? {} : { model }),
  };
}

/** One task for all its items: the files of each, and what each has of its own in the environment of its command. */
function renderGroup(node: CompiledShellNode, request: RenderRequest, group: ForeachItem): RenderedShellTask {
  const members = membersOf(group).map((item) => ({ item, task: renderMember(node, request, item) }));
  const tasks = members.map(({ task }) => task);
  const models = unique(tasks.flatMap(({ model }) => model ?? []));
  if (models.length > 1) throw new Unrenderable(`the items of a group name different models: ${models.join(', ')}`);
  const env = sharedEntries(tasks.map((task) => task.env));
  return {
    type: 'shell',
    name: group.name,
    env,
    requires: unique(tasks.flatMap(({ requires }) => requires)),
    produces: unique(tasks.flatMap(({ produces }) => produces)),
    itemJson: JSON.stringify(group.value),
    command: members.map(({ item, task }) => inSubshell(item, task, env)).join('\n'),
    ...(models[0] === undefined ? {} : { model: models[0] }),
  };
}

function renderMember(node: CompiledShellNode, request: RenderRequest, item: ForeachItem): RenderedShellTask {
  try {
    return renderOne(node, { ...request, item });
  } catch (error) {
    throw error instanceof Unrenderable ? new Unrenderable(`item ${item.key}: ${error.message}`) : error;
  }
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

type Environment = RenderedShellTask['env'];

function sharedEntries([first = {}, ...others]: readonly Environment[]): Environment {
  const shared = Object.entries(first).filter(([name, value]) => others.every((env) => env[name] === value));
  return Object.fromEntries(shared);
}

/** A command that fails ends the group with its exit code; a subshell keeps `exit`, `cd` and variables to their item. */
function inSubshell({ key, index }: ForeachItem, { command, env, itemJson }: RenderedShellTask, shared: Environment) {
  const own = Object.entries(env).filter(([name]) => shared[name] === undefined);
  const exports = own.map(([name, value]) => `export ${name}=${quoteForBash(value)}\n`);
  return `(
DROVER_ITEM_FILE="\${DROVER_ITEM_FILE%.json}.${index}.json"
printf '%s' ${quoteForBash(itemJson ?? 'null')} > "$DROVER_ITEM_FILE"
${exports.join('')}${command}
)
drover_status=$?
[ $drover_status -eq 0 ] || { echo item ${quoteForBash(key)} failed with exit code $drover_status >&2; exit $drover_status; }`;
}

function renderCommand({ language, text }: CommandTemplate, values: Values): string {
  return language === 'bash' ? substituteCommand(text, values) : pythonCommand(rawOnly(text, values));
}

/** In a program only `{raw:…}` is replaced; lint has refused plain placeholders. */
function rawOnly(text: string, values: Values): string {
  const raw = findPlaceholders(text, declaredNames(values)).filter((placeholder) => placeholder.raw);
  return replaceEach(text, raw, (placeholder) => {
    if (placeholder.kind !== 'value') throw new Unrenderable(`${placeholderText(placeholder)} has no value`);
    return valueOf(placeholder, values);
  });
}

function pythonCommand(program: string): string {
  let delimiter = 'DROVER_PYTHON';
  while (program.includes(delimiter)) delimiter += '_';
  return `python3 - <<'${delimiter}'\n${program}\n${delimiter}`;
}
