/** P026: fields that are read and kept, but on which nothing acts in this release. */
import { FIELD_SPECS, isFieldName } from '../../parse/fields.ts';
import type { TaskFieldName } from '../../types.ts';
import type { ResolvedTask } from '../../meaning/resolve-plan.ts';
import { nameSpan } from '../../span.ts';
import type { Finding, Rule } from '../rule.ts';

/** Values that ask for nothing. */
const NEUTRAL: Readonly<Record<string, unknown>> = {
  cache: 'none',
  sandbox: 'none',
  vram_policy: 'default',
  evaluate: false,
  pausable: false,
  batch_size: 1,
};

/** Values of fields that otherwise act, on which nothing acts yet. */
const IDLE_VALUES: Readonly<Record<string, unknown>> = { executor: 'brain' };

export const noEffect: Rule = {
  code: 'P026',
  severity: 'warning',
  check: ({ tasks }) => tasks.flatMap(ineffectiveIn),
};

function ineffectiveIn({ task, type }: ResolvedTask): Finding[] {
  const findings: Finding[] = [];
  for (const name in task.fields) {
    const field = isFieldName(name) ? task.fields[name] : undefined;
    if (field === undefined || !isFieldName(name) || !FIELD_SPECS[name].types.includes(type)) continue;
    const what = idlePart(name, field.value);
    if (what === null) continue;
    const message = `${what} is accepted, has no effect yet`;
    findings.push({ at: nameSpan(name, field), message, help: 'the task runs as if it were not there' });
  }
  return findings;
}

/** What of a field does nothing: all of it, or this value. Null when it acts, or asks for nothing. */
function idlePart(name: TaskFieldName, value: unknown): string | null {
  if (FIELD_SPECS[name].status === 'acts') return value === IDLE_VALUES[name] ? `${name}: ${String(value)}` : null;
  return value === NEUTRAL[name] ? null : name;
}
