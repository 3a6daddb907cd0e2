import { readFileSync } from 'node:fs';

import type { Command, RouteMap } from '@stricli/core';
import { expect, test } from 'vitest';

import { EXIT } from '../contract/exit-codes.ts';
import type { CliContext } from './context.ts';
import { root } from './routes/root.ts';

const DOCS = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');

/** Every command by its full name, such as `batch show`. */
function commandsOf(target: Command<CliContext> | RouteMap<CliContext>, name: readonly string[] = []): string[] {
  if (!('getAllEntries' in target)) return [name.join(' ')];
  return target
    .getAllEntries()
    .flatMap((entry) => commandsOf(entry.target, [...name, entry.name['convert-camel-to-kebab']]));
}

/** Every flag of every command, as typed. */
function flagsOf(target: Command<CliContext> | RouteMap<CliContext>): string[] {
  if ('getAllEntries' in target) return target.getAllEntries().flatMap((entry) => flagsOf(entry.target));
  return Object.keys(target.parameters.flags ?? {}).map((flag) =>
    flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  );
}

test('every command is documented', () => {
  const commands = commandsOf(root);

  expect(commands.length).toBeGreaterThan(40);
  expect(commands.filter((command) => !new RegExp(`\`${command}[ \`]`).test(DOCS))).toEqual([]);
});

test('every flag is documented', () => {
  const shortened = new Map([
    ['follow', '-f'],
    ['model', '-m'],
    ['wait', '--no-wait'],
  ]);
  const documented = (flag: string): boolean =>
    DOCS.includes(`--${flag}`) || DOCS.includes(shortened.get(flag) ?? '\0');

  expect(flagsOf(root).filter((flag) => !documented(flag))).toEqual([]);
});

test('every exit code is documented', () => {
  expect(Object.values(EXIT).filter((code) => !DOCS.includes(`| ${code} | `))).toEqual([]);
});
