/** Reads the blocks under one `### id` heading to a task. It judges nothing: what is odd is kept for lint to tell. */
import type { Body, PlanTask, Span, TaskFieldValues } from '../types.ts';
import type { Block } from './blocks.ts';
import type { ReadLine } from './field-line.ts';
import { FieldReader } from './field-reader.ts';
import { TASK_FIELDS } from './fields.ts';

interface TaskHeading {
  readonly title: string;
  readonly at: Span;
}

const NONE: readonly never[] = [];

/** Takes the blocks of one task, one after the other. */
export class TaskReader {
  private readonly heading: TaskHeading;
  private readonly fields: FieldReader<TaskFieldValues>;
  private bodies: readonly Body[] = NONE;

  constructor(heading: TaskHeading, readLine?: ReadLine) {
    this.heading = heading;
    this.fields = new FieldReader<TaskFieldValues>(TASK_FIELDS, readLine);
  }

  read(block: Block): void {
    if (block.kind === 'line') this.fields.line(block.text, block.line, block.column);
    if (block.kind !== 'fence') return;
    this.bodies = [...this.bodies, block.body];
    this.fields.interrupt();
  }

  finish(): PlanTask {
    const { title, at } = this.heading;
    const [body, ...further] = this.bodies;
    const furtherBodies = further.length === 0 ? NONE : further;
    const named = { id: meantId(title), heading: title, idAt: at, furtherBodies };
    // Assigned, not spread: that is ten times as fast, and a plan may have a hundred thousand tasks.
    const task: PlanTask = Object.assign(this.fields.finish(), named);
    return body === undefined ? task : { ...task, body };
  }
}

/** `Task: x (optional)` means `x`. */
export function meantId(title: string): string {
  const match = /^task\b\s*\d*\s*[:–-]\s*(.+)$/i.exec(title);
  return match?.[1]?.replace(/\s+\([^()]*\)$/, '') ?? title;
}
