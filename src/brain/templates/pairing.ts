/** Edges of single items: which tasks an item of a template waits for by name, and which templates pair with which. */

import { renderNames } from '../../plans/index.ts';
import type { CompiledDependency, ForeachItem } from '../../plans/index.ts';
import type { ActiveBatch } from '../active-batch.ts';
import type { Known } from '../known.ts';

type PairedDependency = CompiledDependency & { readonly perItem: string };

export function pairedDeps({ node }: Pick<Known, 'node'>): readonly PairedDependency[] {
  return node.deps.flatMap((dep) => (dep.perItem === undefined ? [] : [{ ...dep, perItem: dep.perItem }]));
}

export interface ItemParent {
  readonly name: string;
  /** The template of that task. */
  readonly on: string;
  readonly condition: CompiledDependency['condition'];
}

/** The tasks that one item (or each item of a group) depends on by its own edges; with `on`, of that template only. */
export function parentsOfItem(known: Pick<Known, 'node' | 'batch'>, item: ForeachItem, on?: string): ItemParent[] {
  const { plan, builtins } = known.batch;
  const deps = pairedDeps(known).filter((dep) => on === undefined || dep.on === on);
  return deps.flatMap((dep) =>
    renderNames(dep.perItem, { plan, builtins, item }).map((name) => ({ name, on: dep.on, condition: dep.condition })),
  );
}

/** The templates whose items wait for items of this one. */
export function pairedWith({ plan }: ActiveBatch, template: string): string[] {
  return plan.nodes.flatMap(({ name, deps }) =>
    deps.some(({ on, perItem }) => on === template && perItem !== undefined) ? [name] : [],
  );
}
