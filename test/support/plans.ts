/** Plans written for one test, in a folder of their own. */

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Makes `FOLDER/plan.md` (and other files by relative name) under the test's home; answers the folder. */
export function writePlan(home: string, markdown: string, files: Readonly<Record<string, string>> = {}): string {
  mkdirSync(home, { recursive: true });
  const folder = mkdtempSync(join(home, 'plan-'));
  writeFileSync(join(folder, 'plan.md'), markdown);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

export interface TaskLines {
  readonly id: string;
  readonly command: string;
  readonly class?: string;
  readonly dependsOn?: string;
  readonly foreach?: string;
  readonly more?: readonly string[];
}

/** The Markdown of a plan with these tasks. */
export function planOf(name: string, tasks: readonly TaskLines[]): string {
  const sections = tasks.map((task) =>
    [
      `### ${task.id}`,
      '- **executor**: worker',
      `- **task_class**: ${task.class ?? 'cpu'}`,
      ...(task.foreach === undefined ? [] : [`- **foreach**: ${task.foreach}`]),
      `- **command**: \`${task.command}\``,
      `- **depends_on**: ${task.dependsOn ?? 'none'}`,
      '- **timeout**: 2m',
      ...(task.more ?? []),
    ].join('\n'),
  );
  return `# Plan: ${name}\n\n## Objective\nA plan of the test suite.\n\n## Tasks\n\n${sections.join('\n\n')}\n`;
}
