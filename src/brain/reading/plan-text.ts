/**
 * A compiled plan as text, for the store and for its way from one process to another. Lines of JSON, packed when long:
 * the plan without its nodes, then some nodes a line, as columns. The tasks of a large plan differ in little, so this is a
 * tenth of what they are in full, and of what reading it takes.
 */

import { packText, unpackText } from '../../kernel/index.ts';
import type { CompiledNode, CompiledPlan } from '../../plans/index.ts';
import { fromColumn, toColumn } from './columns.ts';
import type { Column } from './columns.ts';

/** A line of so many takes a millisecond or two to read: who must not keep others waiting takes a turn after each. */
const NODES_PER_LINE = 500;

interface Head {
  readonly plan: CompiledPlan;
}

interface SomeNodes {
  readonly count: number;
  readonly nodes: Column;
}

/** Each line is told to `tell` as soon as it is made. */
export function encodePlan(plan: CompiledPlan, tell: (line: string) => void = () => {}): string {
  const lines: string[] = [];
  for (const line of linesOf(plan)) {
    tell(line);
    lines.push(line);
  }
  return packText(lines.join('\n'));
}

function* linesOf({ nodes, ...plan }: CompiledPlan): Generator<string> {
  const head: Head = { plan: { ...plan, nodes: [] } };
  yield JSON.stringify(head);
  for (let start = 0; start < nodes.length; start += NODES_PER_LINE) {
    const some = nodes.slice(start, start + NODES_PER_LINE);
    const line: SomeNodes = { count: some.length, nodes: toColumn(some) };
    yield JSON.stringify(line);
  }
}

/** Throws when the text is not one of `encodePlan`. */
export function decodePlan(text: string): CompiledPlan {
  const lines = new PlanLines();
  for (const line of unpackText(text).split('\n')) lines.take(line);
  return lines.plan();
}

/** Reads a plan from its lines as they come; a line takes a millisecond or two. */
export class PlanLines {
  #head: Head | null = null;
  readonly #nodes: CompiledNode[] = [];

  /** Throws when the line is none of `encodePlan`. */
  take(line: string): void {
    if (this.#head) this.#nodes.push(...nodesOf(line));
    else this.#head = headOf(line);
  }

  /** After the last line. Throws when there was none. */
  plan(): CompiledPlan {
    if (!this.#head) throw notAPlan();
    return { ...this.#head.plan, nodes: this.#nodes };
  }
}

/** One node of a plan, read no further than to it; undefined when there is none of the name. */
export function decodeNode(text: string, name: string): CompiledNode | undefined {
  for (const line of unpackText(text).split('\n').slice(1)) {
    const found = nodesOf(line).find((node) => node.name === name);
    if (found) return found;
  }
  return undefined;
}

function headOf(line: string): Head {
  const { plan } = JSON.parse(line) as Partial<Head>;
  if (!plan) throw notAPlan();
  return { plan };
}

function notAPlan(): SyntaxError {
  return new SyntaxError('this is not the text of a compiled plan');
}

function nodesOf(line: string): readonly CompiledNode[] {
  const { count, nodes } = JSON.parse(line) as SomeNodes;
  // They are the nodes that the column was made of.
  return fromColumn(nodes, count) as readonly CompiledNode[];
}
