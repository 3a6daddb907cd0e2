/**
 * Reads the text of a plan.md to a `Plan` with a place for every piece. Never throws, whatever the text; what is
 * wrong or odd is kept in the plan and told by lint.
 */
import type { Field, MisplacedTask, Plan, PlanTask, SectionHeading, Span } from '../types.ts';
import { scanBlocks, splitLines } from './blocks.ts';
import type { Block, SourceLines } from './blocks.ts';
import { readFieldLine } from './field-line.ts';
import { readFrontMatter } from './front-matter.ts';
import { readInputs, readScripts } from './inputs.ts';
import { TaskReader } from './task.ts';

export interface PlanSource {
  /** The name for diagnostics, e.g. `plan.md`. */
  readonly file: string;
  readonly text: string;
}

interface Section extends SectionHeading {
  readonly level: number;
  /** Empty for `## Tasks`, whose blocks become tasks as they are read. */
  readonly blocks: readonly Block[];
}

export function parsePlan({ file, text }: PlanSource): Plan {
  const lines = splitLines(text);
  const front = readFrontMatter(lines);
  const { sections, tasks } = readSections({ lines, from: front.next });
  const inputs = readInputs(blocksOf(sections, 'inputs'));
  const goalType = readGoalType(blocksOf(sections, 'goal'));
  return {
    file,
    name: planName(sections) ?? front.name ?? '',
    objective: proseOf(blocksOf(sections, 'objective')) || proseOf(blocksOf(sections, 'goal')),
    inputs: inputs.inputs,
    scripts: readScripts(blocksOf(sections, 'available scripts')),
    defaults: front.defaults,
    tasks,
    sections: sections.filter((section) => section.level === 2).map(({ title, at }) => ({ title, at })),
    ...(goalType === undefined ? {} : { goalType }),
    misplacedTasks: sections.flatMap(misplacedIn),
    faults: [...front.faults, ...inputs.faults],
    lineCount: lines.length,
  };
}

const TOP: Span = { line: 1, column: 1, endColumn: 2 };

/** Cuts at headings of level one and two (what stands before the first has no title); reads tasks on the way. */
function readSections(source: SourceLines): { sections: Section[]; tasks: PlanTask[] } {
  let blocks: Block[] = [];
  const sections: Section[] = [{ title: '', at: TOP, level: 1, blocks }];
  const tasks: PlanTask[] = [];
  let inTasks = false;
  let task: TaskReader | undefined;
  for (const block of scanBlocks(source)) {
    const isHeading = block.kind === 'heading';
    if (isHeading && block.level <= 3 && task !== undefined) tasks.push(task.finish());
    if (isHeading && block.level <= 3) task = undefined;
    if (isHeading && block.level <= 2) {
      blocks = [];
      sections.push({ title: block.title, at: block.at, level: block.level, blocks });
      inTasks = isTasks(block.title, block.level);
    } else if (!inTasks) blocks.push(block);
    else if (isHeading && block.level === 3) task = new TaskReader(block);
    else task?.read(block);
  }
  if (task !== undefined) tasks.push(task.finish());
  return { sections, tasks };
}

function isTasks(title: string, level: number): boolean {
  return level === 2 && title.toLowerCase() === 'tasks';
}

/** Section names are read without regard to case; a section written twice counts as one. */
function blocksOf(sections: readonly Section[], title: string): readonly Block[] {
  return sections
    .filter((section) => section.level === 2 && section.title.toLowerCase() === title)
    .flatMap((section) => section.blocks);
}

function planName(sections: readonly Section[]): string | undefined {
  const title = sections.find((section) => section.level === 1 && section.title !== '')?.title;
  return title?.replace(/^plan\s*:\s*/i, '');
}

/** Old parsers took a `###` with a command for a task wherever it stood; now only `## Tasks` counts, and lint says so. */
function misplacedIn({ title, level, blocks }: Section): MisplacedTask[] {
  if (level === 2 && title.toLowerCase() === 'available scripts') return [];
  const misplaced = new Map<Span, MisplacedTask>();
  let heading: MisplacedTask | undefined;
  for (const block of blocks) {
    if (block.kind === 'heading') heading = block.level === 3 ? { id: block.title, at: block.at } : heading;
    else if (heading !== undefined && block.kind === 'line' && isTaskField(block.text))
      misplaced.set(heading.at, heading);
  }
  return [...misplaced.values()];
}

function isTaskField(text: string): boolean {
  return /^[-*]\s+\*{0,2}(command|executor|task_class)\*{0,2}:/.test(text);
}

/** `- **type**: target_count` under `## Goal` makes a goal-driven plan. */
function readGoalType(blocks: readonly Block[]): Field<string> | undefined {
  for (const block of blocks) {
    if (block.kind !== 'line') continue;
    const read = readFieldLine(block.text, block.line, block.column);
    if (read.kind !== 'field' || read.name !== 'type') continue;
    return { value: read.value.text, source: read.value, nameColumn: read.nameColumn };
  }
  return undefined;
}

function proseOf(blocks: readonly Block[]): string {
  return blocks.flatMap((block) => (block.kind === 'line' ? [block.text] : [])).join(' ');
}
