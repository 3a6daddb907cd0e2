/** What every rendered task has, whatever its type: its name, its environment, its files. */
import type { Builtins, CompiledNode, CompiledPlan, ForeachItem } from '../types.ts';
import { substituteText, Unrenderable } from '../variables/values.ts';
import type { Values } from '../variables/values.ts';
import { droverEnvironment } from './environment.ts';

export interface RenderRequest {
  readonly plan: Pick<CompiledPlan, 'variables'>;
  readonly node: CompiledNode;
  readonly builtins: Builtins;
  /** Present exactly when the node is a template. */
  readonly item?: ForeachItem;
}

export function answering<T>(make: () => T): T | { readonly kind: 'unrenderable'; readonly reason: string } {
  try {
    return make();
  } catch (error) {
    if (error instanceof Unrenderable) return { kind: 'unrenderable', reason: error.message };
    throw error;
  }
}

export function valuesOf({ plan, builtins, item }: Omit<RenderRequest, 'node'>): Values {
  return { builtins, variables: plan.variables, ...(item === undefined ? {} : { item }) };
}

export function commonParts({ node, builtins, plan, item }: RenderRequest, values: Values, model: string | undefined) {
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
