/** Fills a compiled node with the values of its batch and item: what one attempt runs or asks. */
import { resolve } from 'node:path';

import { substituteCommand } from '../shell/substitute-command.ts';
import type {
  Builtins,
  CommandTemplate,
  CompiledAskingNode,
  CompiledNode,
  CompiledParseNode,
  CompiledPlan,
  CompiledShellNode,
  ForeachItem,
  ForeachSource,
  NumberOrPlaceholder,
  RenderedTask,
  RenderResult,
} from '../types.ts';
import { settleSource } from '../foreach/expand.ts';
import { findPlaceholders, placeholderText } from '../variables/placeholders.ts';
import { declaredNames, replaceEach, substituteText, Unrenderable, valueOf } from '../variables/values.ts';
import type { Values } from '../variables/values.ts';
import { droverEnvironment } from './environment.ts';

export interface RenderRequest {
  readonly plan: Pick<CompiledPlan, 'variables'>;
  readonly node: CompiledNode;
  readonly builtins: Builtins;
  /** Present exactly when the node is a template. */
  readonly item?: ForeachItem;
}

export function renderTask(request: RenderRequest): RenderResult {
  return answering(() => ({ kind: 'rendered', task: render(request) }));
}

export type RenderedSource =
  | { readonly kind: 'rendered'; readonly source: ForeachSource }
  | { readonly kind: 'unrenderable'; readonly reason: string };

/** The list of a template with values in place; a relative path resolves in the batch folder. */
export function renderForeach({ plan, node, builtins }: Omit<RenderRequest, 'item'>): RenderedSource {
  const { foreach } = node;
  if (foreach === undefined) return { kind: 'unrenderable', reason: `"${node.name}" has no foreach` };
  const values = { builtins, variables: plan.variables };
  return answering(() => {
    const path = substituteText(foreach.path, values);
    const source =
      foreach.pointer === undefined ? { path } : { path, pointer: substituteText(foreach.pointer, values) };
    return { kind: 'rendered', source: settleSource(source) };
  });
}

/**
 * The name of the task that an item's per-item edge means. An item without the field gives the text as written, which
 * is the name of no task.
 */
export function renderDependency(perItem: string, request: Omit<RenderRequest, 'node'>): string {
  const result = answering(() => ({ kind: 'rendered' as const, name: substituteText(perItem, valuesOf(request)) }));
  return result.kind === 'rendered' ? result.name : perItem;
}

function answering<T>(make: () => T): T | { readonly kind: 'unrenderable'; readonly reason: string } {
  try {
    return make();
  } catch (error) {
    if (error instanceof Unrenderable) return { kind: 'unrenderable', reason: error.message };
    throw error;
  }
}

function valuesOf({ plan, builtins, item }: Omit<RenderRequest, 'node'>): Values {
  return { builtins, variables: plan.variables, ...(item === undefined ? {} : { item: item.value }) };
}

function render(request: RenderRequest): RenderedTask {
  const { node, builtins } = request;
  const values = valuesOf(request);
  switch (node.type) {
    case 'shell':
      return renderShell(node, request, values);
    case 'generate':
      return { ...renderAsking(node, request, values), type: 'generate' };
    case 'parse':
      return {
        ...renderAsking(node, request, values),
        type: 'parse',
        schema: renderSchema(node.schema, builtins, values),
      };
    case 'decide': {
      const options = node.options.map((option) => substituteText(option, values));
      return { ...renderAsking(node, request, values), type: 'decide', options };
    }
    case 'meta': {
      const model = substituteText(node.model, values);
      return { ...common(request, values, model), type: 'meta', action: node.action, model };
    }
  }
}

function renderShell(node: CompiledShellNode, request: RenderRequest, values: Values): RenderedTask {
  const model = node.model === undefined ? undefined : substituteText(node.model, values);
  return {
    ...common(request, values, model),
    type: 'shell',
    command: renderCommand(node.command, values),
    ...(model === undefined ? {} : { model }),
  };
}

function renderAsking(node: CompiledAskingNode, request: RenderRequest, values: Values) {
  const model = substituteText(node.model, values);
  return {
    ...common(request, values, model),
    prompt: substituteText(node.prompt, values),
    model,
    input: node.input.map((path) => substituteText(path, values)),
    ...(node.maxTokens === undefined ? {} : { maxTokens: renderNumber('max_tokens', node.maxTokens, values) }),
    ...(node.temperature === undefined ? {} : { temperature: renderNumber('temperature', node.temperature, values) }),
  };
}

function renderSchema(schema: CompiledParseNode['schema'], { planPath }: Builtins, values: Values) {
  if (schema.kind === 'inline') return schema;
  return { kind: 'file' as const, path: resolve(planPath, substituteText(schema.path, values)) };
}

function common({ node, builtins, plan, item }: RenderRequest, values: Values, model: string | undefined) {
  const name = item?.name ?? node.name;
  const own = Object.entries(node.env).map(([key, value]) => [key, substituteText(value, values)]);
  const { variables } = plan;
  const given = droverEnvironment({
    task: name,
    builtins,
    variables,
    ...(item === undefined ? {} : { item }),
    ...(model === undefined ? {} : { model }),
  });
  return {
    name,
    env: { ...Object.fromEntries(own), ...given },
    requires: node.requires.map((path) => substituteText(path, values)),
    produces: node.produces.map((path) => substituteText(path, values)),
    ...(item === undefined ? {} : { itemJson: JSON.stringify(item.value) }),
  };
}

function renderNumber(field: string, written: NumberOrPlaceholder, values: Values): number {
  if (typeof written === 'number') return written;
  const text = substituteText(written, values);
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new Unrenderable(`${field} is no number: "${text}"`);
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
