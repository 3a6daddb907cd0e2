/** P033: `{ITEM}` where there is no item. */
import { ITEM_NAMES, placeholderText } from '../../variables/placeholders.ts';
import type { Finding, LintSubject, Rule } from '../rule.ts';
import { placeOf } from '../uses.ts';

export const itemOutsideForeach: Rule = {
  code: 'P033',
  severity: 'error',
  check: (subject) => [...inTexts(subject), ...inDependencies(subject)],
};

function inTexts({ uses }: LintSubject): Finding[] {
  return uses.flatMap((use) => {
    const { task, text, placeholder, placement } = use;
    if (!ITEM_NAMES.has(placeholder.root) || placeholder.kind !== 'value') return [];
    if (placement?.kind === 'untouched') return [];
    const expands =
      task !== undefined && (task.task.fields.foreach !== undefined || hasBadForeach(task.task.badFields));
    if (expands && text.mayNameItem) return [];
    const written = placeholderText(placeholder);
    const at = placeOf(use);
    if (expands)
      return [
        {
          at,
          message: `${written} in foreach: the list is read before there is an item`,
          help: 'name the list by an input or {BATCH_PATH}',
        },
      ];
    return [{ at, message: `${written} outside foreach`, help: 'add - **foreach**: FILE:dotted.path to the task' }];
  });
}

function inDependencies({ tasks }: LintSubject): Finding[] {
  return tasks.flatMap(({ task, dependencies, condition }) =>
    dependencies
      .filter(({ perItem }) => perItem && task.fields.foreach === undefined && !hasBadForeach(task.badFields))
      // The text of a condition is looked at above.
      .filter(({ ref }) => ref.at !== condition?.at)
      .map(({ ref }) => ({
        at: ref.at,
        message: `"${ref.on}" outside foreach`,
        help: 'an edge per item needs a foreach on this task; name the template to wait for all its items',
      })),
  );
}

function hasBadForeach(fields: readonly { readonly name: string }[]): boolean {
  return fields.some(({ name }) => name === 'foreach');
}
