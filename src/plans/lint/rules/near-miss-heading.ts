/** P002: headings that mean a task or a section but are not written as one. */
import type { Plan } from '../../types.ts';
import type { Finding, Rule } from '../rule.ts';

export const nearMissHeading: Rule = {
  code: 'P002',
  severity: 'error',
  check: ({ plan }) => [...taskHeadings(plan), ...sectionHeadings(plan)],
};

function taskHeadings({ tasks }: Plan): Finding[] {
  return tasks
    .filter((task) => task.heading !== task.id)
    .map((task) => ({
      at: task.idAt,
      message: `a task heading is the id alone, not "${task.heading}"`,
      help: `write ### ${task.id}`,
    }));
}

function sectionHeadings({ sections }: Plan): Finding[] {
  const titles = new Set(sections.map(({ title }) => title.toLowerCase()));
  return sections.flatMap(({ title, at }) => {
    const right = meantSection(title);
    if (right === undefined || titles.has(right.toLowerCase())) return [];
    return [{ at, message: `the section is called "${right}"`, help: `write ## ${right}` }];
  });
}

/** The section of the grammar that a title is meant for, when it is written otherwise. */
export function meantSection(written: string): string | undefined {
  const title = written.toLowerCase();
  if (/^(the )?(task|task list|tasks list|list of tasks|steps?|pipeline)\s*:?$/.test(title) || title === 'tasks:')
    return 'Tasks';
  return /^(input|inputs:|parameters?|variables?)$/.test(title) ? 'Inputs' : undefined;
}
