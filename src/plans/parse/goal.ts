/**
 * Reads `## Goal`: prose that says what a plan is for, or the fields that make the plan goal-driven. Prose stays prose
 * whatever its bullets say, as long as none is a field of a goal.
 */
import type { GoalFieldName, GoalFieldValues, PlanGoal, Span } from '../types.ts';
import type { Block } from './blocks.ts';
import { readFieldLine } from './field-line.ts';
import { FieldReader, fieldTable } from './field-reader.ts';
import * as values from './values.ts';

const GOAL_FIELDS = fieldTable<GoalFieldValues>({
  type: { parse: values.oneOf('target_count') },
  target: { parse: values.numberOrPlaceholder(1, 1_000_000_000) },
  tolerance: { parse: values.numberOrPlaceholder(0, 1_000_000_000) },
  tracked_task: { parse: values.text },
  discovery_tasks: { parse: values.texts },
  max_attempts_multiplier: { parse: values.numberOrPlaceholder(1, 1_000_000) },
});

const { isKnown: isGoalField } = GOAL_FIELDS;

export const GOAL_FIELD_NAMES: readonly GoalFieldName[] = Object.keys(GOAL_FIELDS.specs).filter(isGoalField);

export interface GoalSection {
  /** The heading. */
  readonly at: Span;
  readonly blocks: readonly Block[];
}

/** The fields, when there is one that only a goal-driven plan has. */
export function readGoal({ at, blocks }: GoalSection): PlanGoal | undefined {
  if (!blocks.some(steers)) return undefined;
  const reader = new FieldReader(GOAL_FIELDS);
  for (const block of blocks) if (block.kind === 'line') reader.line(block.text, block.line, block.column);
  return { at, ...reader.finish() };
}

/** A line that no prose has: an exact field of a goal, or a slip of `- **type**: target_count`. */
function steers(block: Block): boolean {
  if (block.kind !== 'line') return false;
  const read = readFieldLine(block.text, isGoalField);
  if (read.kind === 'near-miss') return read.name === 'type' && read.value.includes('target_count');
  return read.kind === 'field' && isGoalField(read.name);
}

/** The lines that are prose. */
export function goalProse(blocks: readonly Block[]): readonly Block[] {
  return blocks.filter((block) => block.kind !== 'line' || readFieldLine(block.text, isGoalField).kind === 'prose');
}
