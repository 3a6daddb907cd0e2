/** The examples of docs/plan-format.md, as they stand there: fenced blocks marked `markdown plan`. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from './house.ts';

export interface PageExample {
  /** Of `# Plan: NAME`. */
  readonly name: string;
  readonly text: string;
}

export function pageExamples(): PageExample[] {
  const page = readFileSync(join(ROOT, 'docs', 'plan-format.md'), 'utf8');
  return [...page.matchAll(/^````markdown plan\n([^]*?)^````$/gm)].map((match) => {
    const text = match[1] ?? '';
    return { name: /^# Plan: (.*)$/m.exec(text)?.[1] ?? '', text };
  });
}
