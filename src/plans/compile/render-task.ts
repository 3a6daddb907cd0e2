/** Fills a compiled node with the values of its batch and item: what one attempt runs or asks. */
import { resolve } from 'node:path';

import type {
  Builtins,
  CompiledAskingNode,
  CompiledCondition,
  CompiledParseNode,
  ForeachSource,
  NumberOrPlaceholder,
  RenderedTask,
  RenderResult,
} from '../types.ts';
import { settleSource } from '../foreach/expand.ts';
import { membersOf } from '../foreach/groups.ts';
import { substituteText, Unrenderable } from '../variables/values.ts';
import type { Values } from '../variables/values.ts';
import { answering, commonParts, valuesOf } from './render-common.ts';
import type { RenderRequest } from './render-common.ts';
import { renderShell } from './render-shell.ts';

export function renderTask(request: RenderRequest): RenderResult {
  return answering(() => ({ kind: 'rendered', task: render(request) }));
}

type RenderedSource =
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
 * A name that holds values, for an item or for each item of a group: of the task that a per-item edge means, or of a
 * model. What lacks a field gives the text as written, which names nothing.
 */
export function renderNames(written: string, request: Omit<RenderRequest, 'node'>): readonly string[] {
  const { item } = request;
  const each = item === undefined ? [request] : membersOf(item).map((member) => ({ ...request, item: member }));
  return each.map((one) => {
    const result = answering(() => ({ kind: 'rendered' as const, name: substituteText(written, valuesOf(one)) }));
    return result.kind === 'rendered' ? result.name : written;
  });
}

/** A condition for a task or an item: the decide task whose answer is (not) to be the value. */
export interface RenderedCondition {
  readonly task: string;
  readonly operator: CompiledCondition['operator'];
  readonly value: string;
}

/** Never fails: a value that an item lacks stays as written, which is no answer. */
export function renderCondition(
  { on, perItem, operator, value }: CompiledCondition,
  request: Omit<RenderRequest, 'node'>,
): RenderedCondition {
  const [task = on] = renderNames(perItem ?? on, request);
  const [wanted = value] = renderNames(value, request);
  return { task, operator, value: wanted };
}

function render(request: RenderRequest): RenderedTask {
  const { node, builtins } = request;
  const values = valuesOf(request);
  switch (node.type) {
    case 'shell':
      return renderShell(node, request);
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
      return { ...commonParts(request, values, model), type: 'meta', action: node.action, model };
    }
  }
}

function renderAsking(node: CompiledAskingNode, request: RenderRequest, values: Values) {
  const model = substituteText(node.model, values);
  return {
    ...commonParts(request, values, model),
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

function renderNumber(field: string, written: NumberOrPlaceholder, values: Values): number {
  if (typeof written === 'number') return written;
  const text = substituteText(written, values);
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new Unrenderable(`${field} is no number: "${text}"`);
}
