/**
 * A compiled plan as text, for the store and for its way from one process to another. Lines of JSON, packed when long:
 * the plan without its nodes, what its nodes have in common, then some nodes a line, each with what it has of its own.
 * The tasks of a large plan differ in little, so this is a third of what they are in full, and of what reading it takes.
 */

import { packText, unpackText } from '../../kernel/index.ts';
import type { CompiledNode, CompiledPlan } from '../../plans/index.ts';

/** A line of so many takes a millisecond or two to read: who must not keep others waiting takes a turn after each. */
const NODES_PER_LINE = 500;

interface Head {
  readonly plan: CompiledPlan;
  readonly common: Fields;
}

/** The fields of a node, whatever its type. */
type Fields = Readonly<Record<string, unknown>>;

/** Each line is told to `tell` as soon as it is made. */
export function encodePlan(plan: CompiledPlan, tell: (line: string) => void = () => {}): string {
  const lines: string[] = [];
  for (const line of linesOf(plan)) {
    tell(line);
    lines.push(line);
  }
  return packText(lines.join('\n'));
}

function* linesOf(plan: CompiledPlan): Generator<string> {
  // Every node is a record of JSON values; only interfaces do not say so.
  const nodes = plan.nodes as readonly object[] as readonly Fields[];
  const common = commonFields(nodes);
  const head: Head = { plan: { ...plan, nodes: [] }, common };
  yield JSON.stringify(head);
  for (let start = 0; start < nodes.length; start += NODES_PER_LINE) {
    const some = nodes.slice(start, start + NODES_PER_LINE);
    yield JSON.stringify(some.map((node) => ownFields(node, common)));
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
    if (this.#head) this.#nodes.push(...nodesOf(line, this.#head.common));
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
  const [first = '', ...rest] = unpackText(text).split('\n');
  const { common } = headOf(first);
  for (const line of rest) {
    const found = nodesOf(line, common).find((node) => node.name === name);
    if (found) return found;
  }
  return undefined;
}

function headOf(line: string): Head {
  const { plan, common } = JSON.parse(line) as Partial<Head>;
  if (!plan || !common) throw notAPlan();
  return { plan, common };
}

function notAPlan(): SyntaxError {
  return new SyntaxError('this is not the text of a compiled plan');
}

function nodesOf(line: string, common: Fields): readonly CompiledNode[] {
  const own = JSON.parse(line) as readonly Fields[];
  // Together they are the fields that a node was taken apart to.
  return own.map((fields) => ({ ...common, ...fields }) as unknown as CompiledNode);
}

/** What a node from the middle says of the fields that every node has: the first and the last are often unlike the rest. */
function commonFields(nodes: readonly Fields[]): Fields {
  const typical = nodes[nodes.length >> 1] ?? {};
  const shared = Object.keys(typical).filter((key) => nodes.every((node) => node[key] !== undefined));
  return Object.fromEntries(shared.map((key) => [key, typical[key]]));
}

function ownFields(node: Fields, common: Fields): Fields {
  const own: Record<string, unknown> = {};
  for (const key of Object.keys(node)) if (!isSame(node[key], common[key])) own[key] = node[key];
  return own;
}

/** Lists and records count only when both are empty: to compare more would take longer than to write it. */
function isSame(a: unknown, b: unknown): boolean {
  return a === b || (isEmpty(a) && isEmpty(b) && Array.isArray(a) === Array.isArray(b));
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
