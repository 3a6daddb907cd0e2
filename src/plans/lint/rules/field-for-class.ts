/** P056: a field of a command that nothing acts on, because its class is another. */
import type { ResolvedTask } from '../../meaning/resolve-task.ts';
import { nameSpan } from '../../span.ts';
import type { TaskClass, TaskFieldName } from '../../types.ts';
import { tasksWith } from '../rule.ts';
import type { Finding, Rule } from '../rule.ts';

const CLASS_OF = {
  vram_policy: 'script',
  vram_estimate_mb: 'script',
  model: 'llm',
  llm_model: 'llm',
  llm_min_tier: 'llm',
  llm_placement: 'llm',
} as const satisfies Partial<Record<TaskFieldName, TaskClass>>;

type Field = keyof typeof CLASS_OF;

const FIELDS: readonly Field[] = [
  'vram_policy',
  'vram_estimate_mb',
  'model',
  'llm_model',
  'llm_min_tier',
  'llm_placement',
];

export const fieldForClass: Rule = {
  code: 'P056',
  severity: 'warning',
  check: (subject) => tasksWith(subject, ...FIELDS).flatMap(idleIn),
};

function idleIn({ task, type, class: { taskClass } }: ResolvedTask): Finding[] {
  if (type !== 'shell') return [];
  return FIELDS.flatMap((name) => {
    const field = task.fields[name];
    if (field === undefined || CLASS_OF[name] === taskClass) return [];
    const message = `${name} has no effect on a command of class ${taskClass}`;
    return [{ at: nameSpan(name, field), message, help: `write - **task_class**: ${CLASS_OF[name]}, or remove it` }];
  });
}
