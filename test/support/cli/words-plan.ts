/** A plan of one task with a variable, in a folder `words` of the home. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { TestHome } from './run-command.ts';

export const PLAN = `# Plan: words

## Tasks

### one

- **task_class**: cpu
- **timeout**: 1m
- **command**: \`echo {GREETING}\`
`;

export function writePlan(home: TestHome, text: string): string {
  const folder = join(home.path, 'words');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'plan.md'), text);
  return folder;
}
