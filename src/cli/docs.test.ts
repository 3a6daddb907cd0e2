import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { commandsOf } from '../../test/support/commands.ts';

const DOCS = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
const commands = commandsOf();

test('every command is documented', () => {
  expect(commands.length).toBeGreaterThan(40);
  expect(commands.filter(({ name }) => !new RegExp(`\`${name}[ \`]`).test(DOCS))).toEqual([]);
});

test('every flag is documented', () => {
  const shortened = new Map([
    ['follow', '-f'],
    ['model', '-m'],
    ['wait', '--no-wait'],
  ]);
  const documented = (flag: string): boolean =>
    DOCS.includes(`--${flag}`) || DOCS.includes(shortened.get(flag) ?? '\0');

  expect(commands.flatMap(({ flags }) => flags).filter((flag) => !documented(flag))).toEqual([]);
});
