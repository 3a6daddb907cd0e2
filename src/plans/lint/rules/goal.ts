/** P070–P074: a goal that cannot be worked towards. Fields that are no fields are told of as those of tasks are. */
import { goalNumber } from '../../meaning/goal.ts';
import type { ResolvedGoal } from '../../meaning/goal.ts';
import { spanOf } from '../../span.ts';
import { didYouMean } from '../../suggest.ts';
import type { Field, GoalFieldName, NumberOrPlaceholder, PlanGoal } from '../../types.ts';
import type { Finding, LintSubject, Rule } from '../rule.ts';

type Check = (goal: ResolvedGoal, subject: LintSubject) => Finding[];

export const goalRules: readonly Rule[] = [
  goalRule('P070', incomplete),
  goalRule('P071', unknownTasks),
  goalRule('P072', untrackable),
  goalRule('P073', outOfRange),
  goalRule('P074', notAwaited),
];

function goalRule(code: string, look: Check): Rule {
  return {
    code,
    severity: 'error',
    check: (subject) => (subject.goal === undefined ? [] : look(subject.goal, subject)),
  };
}

const NEEDED: readonly (readonly [GoalFieldName, string])[] = [
  ['type', 'target_count'],
  ['target', '10'],
  ['tracked_task', 'TASK'],
];

function incomplete({ goal }: ResolvedGoal): Finding[] {
  return NEEDED.filter(([name]) => goal.fields[name] === undefined && !isUnreadable(goal, name)).map(
    ([name, example]) => ({
      at: goal.at,
      message: `the goal has no ${name}`,
      help: `write - **${name}**: ${example}; a goal in prose alone belongs under ## Objective`,
    }),
  );
}

function isUnreadable({ badFields }: PlanGoal, name: GoalFieldName): boolean {
  return badFields.some((field) => field.name === name);
}

function unknownTasks({ goal }: ResolvedGoal, { byId }: LintSubject): Finding[] {
  const { tracked_task: tracked, discovery_tasks: discovery } = goal.fields;
  const named = [
    ...(tracked === undefined ? [] : [{ id: tracked.value, source: tracked.source, field: 'tracked_task' }]),
    ...(discovery?.value ?? []).map((id) => ({ id, source: discovery?.source, field: 'discovery_tasks' })),
  ];
  return named.flatMap(({ id, source, field }) => {
    if (byId.has(id) || source === undefined) return [];
    const message = `unknown task "${id}" in ${field}`;
    return [{ at: spanOf(source), message, ...didYouMean(id, byId.keys(), 'name a task of this plan') }];
  });
}

/** Candidates are accepted or not one by one. */
function untrackable({ goal, tracked }: ResolvedGoal): Finding[] {
  const field = goal.fields.tracked_task;
  if (field === undefined || tracked === undefined) return [];
  const at = spanOf(field.source);
  const { foreach, batch_size: batchSize } = tracked.fields;
  if (foreach === undefined) {
    const help = `give "${tracked.id}" a foreach over the list of candidates, or track one that has it`;
    return [{ at, message: `"${tracked.id}" has no foreach, so there is nothing to count`, help }];
  }
  if ((batchSize?.value ?? 1) === 1) return [];
  const message = `"${tracked.id}" takes its items in groups, which cannot be counted`;
  return [{ at, message, help: `remove batch_size from "${tracked.id}"` }];
}

function outOfRange({ goal }: ResolvedGoal, { variables }: LintSubject): Finding[] {
  const { target, tolerance, max_attempts_multiplier: multiplier } = goal.fields;
  const wanted = target === undefined ? undefined : goalNumber(target, variables);
  const below = wanted === undefined || Number.isNaN(wanted) ? Infinity : wanted;
  return [
    ...check(target, variables, (value) => Number.isInteger(value) && value >= 1, 'a whole number of at least 1'),
    ...check(
      tolerance,
      variables,
      (value) => Number.isInteger(value) && value < below,
      'a whole number below the target',
    ),
    ...check(multiplier, variables, (value) => value >= 1, 'a number of at least 1'),
  ];
}

function check(
  field: Field<NumberOrPlaceholder> | undefined,
  variables: LintSubject['variables'],
  isRight: (value: number) => boolean,
  wanted: string,
): Finding[] {
  const value = field === undefined ? undefined : goalNumber(field, variables);
  if (field === undefined || value === undefined || isRight(value)) return [];
  const written = Number.isNaN(value) ? field.source.text : String(value);
  return [{ at: spanOf(field.source), message: `"${written}" is not ${wanted}`, help: `write ${wanted}` }];
}

/** Candidates that are listed after the tracked task has read its list would never be tried. */
function notAwaited({ goal, tracked }: ResolvedGoal, subject: LintSubject): Finding[] {
  const { discovery_tasks: discovery } = goal.fields;
  if (discovery === undefined || tracked === undefined) return [];
  const before = upstreamOf(tracked.id, subject);
  return discovery.value
    .filter((id) => subject.byId.has(id) && !before.has(id))
    .map((id) => ({
      at: spanOf(discovery.source),
      message: `"${tracked.id}" does not wait for "${id}", which finds its candidates`,
      help: `add ${id} to depends_on of ${tracked.id}`,
    }));
}

function upstreamOf(id: string, { byId }: LintSubject): Set<string> {
  const seen = new Set<string>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const { target } of byId.get(next)?.dependencies ?? []) {
      if (target === undefined || seen.has(target)) continue;
      seen.add(target);
      open.push(target);
    }
  }
  return seen;
}
