/** `when`: whether a task whose dependencies are met may run, by the answer of a decide task. */

import { addToGroup } from '../../kernel/index.ts';
import { renderCondition } from '../../plans/index.ts';
import type { RenderedCondition } from '../../plans/index.ts';
import { findTasks } from '../../store/index.ts';
import type { Known } from '../known.ts';
import type { Turn } from '../turn/turn.ts';

/** Why the condition does not hold, or null when it does. A task that has given no answer meets no condition. */
function objectionOf({ task, operator, value }: RenderedCondition, answer: string | null): string | null {
  if (answer === null) return `${task} gave no answer`;
  const isSame = answer.trim() === value.trim();
  if (isSame === (operator === '==')) return null;
  return `${task} answered "${answer.trim()}"`;
}

/** Of tasks that were released just now, those whose condition does not hold, with the reason. */
export async function findRefused(turn: Turn, released: readonly Known[]): Promise<ReadonlyMap<number, string>> {
  const asked = new Map<string, { readonly id: number; readonly condition: RenderedCondition }[]>();
  for (const known of released) {
    const condition = conditionOf(known);
    if (!condition) continue;
    addToGroup(asked, known.batch.id, { id: known.id, condition });
  }
  const refused = new Map<number, string>();
  for (const [batchId, conditions] of asked) {
    const names = [...new Set(conditions.map(({ condition }) => condition.task))];
    const answers = new Map((await findTasks(turn.tx.db, batchId, names)).map(({ name, answer }) => [name, answer]));
    for (const { id, condition } of conditions) {
      const objection = objectionOf(condition, answers.get(condition.task) ?? null);
      if (objection !== null) refused.set(id, objection);
    }
  }
  return refused;
}

/** A condition on a template's items is theirs, any other its own. */
function conditionOf({ node: { when }, kind, item, batch }: Known): RenderedCondition | null {
  if (when === undefined) return null;
  const isOfItems = when.perItem !== undefined;
  if (isOfItems ? kind === 'template' : item !== null) return null;
  const { plan, builtins } = batch;
  return renderCondition(when, { plan, builtins, ...(item ? { item } : {}) });
}
