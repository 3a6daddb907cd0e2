/**
 * Reads the text of a plan.md to a `Plan` with a place for every piece. Never throws, whatever the text; what is
 * wrong or odd is kept in the plan and told by lint.
 */
import type { MisplacedTask, Plan, PlanGoal, PlanTask, SectionHeading, Span } from '../types.ts';
import { linesAfter, scanBlocks } from './blocks.ts';
import type { Block, Lines } from './blocks.ts';
import { readingEachOnce } from './field-line.ts';
import { isFieldName } from './fields.ts';
import { readFrontMatter } from './front-matter.ts';
import { goalProse, readGoal } from './goal.ts';
import type { GoalSection } from './goal.ts';
import { readInputs, readScripts } from './inputs.ts';
import { TaskReader } from './task.ts';

interface PlanSource {
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
  const front = readFrontMatter(text);
  const lines = linesAfter(text, front.lineCount);
  const { sections, tasks } = readSections(lines);
  const inputs = readInputs(blocksOf(sections, 'inputs'));
  const goal = readGoal(goalSection(sections));
  return {
    file,
    name: planName(sections) ?? front.name ?? '',
    objective: proseOf(blocksOf(sections, 'objective')) || proseOf(goalText(goal, sections)),
    inputs: inputs.inputs,
    scripts: readScripts(blocksOf(sections, 'available scripts')),
    defaults: front.defaults,
    tasks,
    sections: sections.filter((section) => section.level === 2).map(({ title, at }) => ({ title, at })),
    ...(goal === undefined ? {} : { goal }),
    misplacedTasks: sections.flatMap(misplacedIn),
    faults: [...front.faults, ...inputs.faults],
    lineCount: lines.count,
  };
}

const TOP: Span = { line: 1, column: 1, endColumn: 2 };

/** Cuts at headings of level one and two (what stands before the first has no title); reads tasks on the way. */
function readSections(lines: Lines): { sections: Section[]; tasks: PlanTask[] } {
  let blocks: Block[] = [];
  const sections: Section[] = [{ title: '', at: TOP, level: 1, blocks }];
  const tasks: PlanTask[] = [];
  const readLine = readingEachOnce(isFieldName);
  let inTasks = false;
  let task: TaskReader | undefined;
  for (const block of scanBlocks(lines)) {
    const isHeading = block.kind === 'heading';
    if (isHeading && block.level <= 3 && task !== undefined) tasks.push(task.finish());
    if (isHeading && block.level <= 3) task = undefined;
    if (isHeading && block.level <= 2) {
      blocks = [];
      sections.push({ title: block.title, at: block.at, level: block.level, blocks });
      inTasks = isTasks(block.title, block.level);
    } else if (!inTasks) blocks.push(block);
    else if (isHeading && block.level === 3) task = new TaskReader(block, readLine);
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

function goalSection(sections: readonly Section[]): GoalSection {
  const heading = sections.find(({ level, title }) => level === 2 && title.toLowerCase() === 'goal');
  return { at: heading?.at ?? TOP, blocks: blocksOf(sections, 'goal') };
}

function goalText(goal: PlanGoal | undefined, sections: readonly Section[]): readonly Block[] {
  const blocks = blocksOf(sections, 'goal');
  return goal === undefined ? blocks : goalProse(blocks);
}

function proseOf(blocks: readonly Block[]): string {
  return blocks.flatMap((block) => (block.kind === 'line' ? [block.text] : [])).join(' ');
}
