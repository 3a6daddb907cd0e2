/**
 * Reads the text of a plan.md to a `Plan` with a place for every piece. Never throws, whatever the text; what is
 * wrong or odd is kept in the plan and told by lint.
 */
import type { Field, MisplacedTask, Plan, PlanTask, SectionHeading, Span } from '../types.ts';
import { scanBlocks, splitLines } from './blocks.ts';
import type { Block } from './blocks.ts';
import { readFieldLine } from './field-line.ts';
import { readFrontMatter } from './front-matter.ts';
import { readInputs, readScripts } from './inputs.ts';
import { readTask } from './task.ts';
import { spanOf } from './values.ts';

export interface PlanSource {
  /** The name for diagnostics, e.g. `plan.md`. */
  readonly file: string;
  readonly text: string;
}

interface Section extends SectionHeading {
  readonly level: number;
  readonly blocks: readonly Block[];
}

export function parsePlan({ file, text }: PlanSource): Plan {
  const lines = splitLines(text);
  const front = readFrontMatter(lines);
  const sections = splitSections(scanBlocks({ lines, from: front.next }));
  const inputs = readInputs(blocksOf(sections, 'inputs'));
  const goalType = readGoalType(blocksOf(sections, 'goal'));
  return {
    file,
    name: planName(sections) ?? front.name ?? '',
    objective: proseOf(blocksOf(sections, 'objective')) || proseOf(blocksOf(sections, 'goal')),
    inputs: inputs.inputs,
    scripts: readScripts(blocksOf(sections, 'available scripts')),
    defaults: front.defaults,
    tasks: readTasks(blocksOf(sections, 'tasks')),
    sections: sections.filter((section) => section.level === 2).map(({ title, at }) => ({ title, at })),
    ...(goalType === undefined ? {} : { goalType }),
    misplacedTasks: sections.flatMap(misplacedIn),
    faults: [...front.faults, ...inputs.faults],
    lineCount: lines.length,
  };
}

const TOP: Span = { line: 1, column: 1, endColumn: 2 };

/** Cuts at headings of level one and two; what stands before the first has an empty title. */
function splitSections(blocks: readonly Block[]): Section[] {
  let current: { title: string; at: Span; level: number; blocks: Block[] } = {
    title: '',
    at: TOP,
    level: 1,
    blocks: [],
  };
  const sections = [current];
  for (const block of blocks) {
    if (block.kind === 'heading' && block.level <= 2) {
      current = { title: block.title, at: block.at, level: block.level, blocks: [] };
      sections.push(current);
    } else current.blocks.push(block);
  }
  return sections;
}

/** Section names are read without regard to case; a section written twice counts as one. */
function blocksOf(sections: readonly Section[], title: string): readonly Block[] {
  const matching = sections.filter((section) => section.level === 2 && section.title.toLowerCase() === title);
  return matching.length === 1 ? (matching[0]?.blocks ?? []) : matching.flatMap((section) => section.blocks);
}

function planName(sections: readonly Section[]): string | undefined {
  const title = sections.find((section) => section.level === 1 && section.title !== '')?.title;
  return title?.replace(/^plan\s*:\s*/i, '');
}

function readTasks(blocks: readonly Block[]): PlanTask[] {
  return taskGroups(blocks).map(({ heading, blocks: body }) => readTask(heading, body));
}

interface TaskGroup {
  readonly heading: { readonly title: string; readonly at: Span };
  readonly blocks: readonly Block[];
}

function taskGroups(blocks: readonly Block[]): TaskGroup[] {
  const groups: { heading: { title: string; at: Span }; blocks: Block[] }[] = [];
  for (const block of blocks) {
    if (block.kind === 'heading' && block.level === 3) groups.push({ heading: block, blocks: [] });
    else groups.at(-1)?.blocks.push(block);
  }
  return groups;
}

/** Old parsers took a `###` with a command for a task wherever it stood; now only `## Tasks` counts, and lint says so. */
function misplacedIn(section: Section): MisplacedTask[] {
  const title = section.title.toLowerCase();
  if (section.level === 2 && (title === 'tasks' || title === 'available scripts')) return [];
  return taskGroups(section.blocks)
    .filter(({ blocks }) => blocks.some((block) => block.kind === 'line' && isTaskField(block.text)))
    .map(({ heading }) => ({ id: heading.title, at: heading.at }));
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
    return { value: read.value.text, source: read.value, at: spanOf(read.value), nameAt: read.nameAt };
  }
  return undefined;
}

function proseOf(blocks: readonly Block[]): string {
  return blocks.flatMap((block) => (block.kind === 'line' ? [block.text] : [])).join(' ');
}
