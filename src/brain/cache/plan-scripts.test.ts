import { expect, test } from 'vitest';

import { namedScripts } from './plan-scripts.ts';

const scripts = [
  { path: 'scripts/render.py', text: 'import shades' },
  { path: 'scripts/run.sh', text: 'python3 "$PLAN_PATH/scripts/render.py"' },
  { path: 'scripts/again.sh', text: 'sh run.sh; sh again.sh' },
  { path: 'notes.md', text: 'run.sh renders' },
];

test('a command runs the scripts that it names, and those that these name in turn', () => {
  expect(namedScripts(scripts, 'sh scripts/again.sh --fast')).toEqual([
    'scripts/again.sh',
    'scripts/render.py',
    'scripts/run.sh',
  ]);
});

test('a command that names none runs none', () => {
  expect(namedScripts(scripts, 'echo done')).toEqual([]);
});
