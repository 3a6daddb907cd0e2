/** Whatever becomes of a build, there is a whole program: the old one until the new one is made. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { buildBeside } from './build-beside.ts';

let root: string;
const at = (...names: readonly string[]): string => join(root, ...names);
const built = (): readonly string[] => ['node_modules', 'dist'].map((part) => readFileSync(at(part, 'a.js'), 'utf8'));

function make(folder: string, part: string, text: string): void {
  mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, part, 'a.js'), text);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'drover-checkout-'));
  make(root, 'node_modules', 'old');
  make(root, 'dist', 'old');
  make(root, 'src', 'changed here');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a build is made of the sources as they are here, and takes the place of the old when it is whole', async () => {
  await buildBeside(root, async (folder) => {
    const source = readFileSync(join(folder, 'src', 'a.js'), 'utf8');
    for (const part of ['node_modules', 'dist']) make(folder, part, `of ${source}`);
    expect(built()).toEqual(['old', 'old']);
  });

  expect(built()).toEqual(['of changed here', 'of changed here']);
  expect(existsSync(at('.update'))).toBe(false);
});

test('a build that dies on the way leaves the old program, and nothing of itself', async () => {
  const dying = buildBeside(root, async (folder) => {
    make(folder, 'node_modules', 'half');
    throw new Error('npm was killed');
  });

  await expect(dying).rejects.toThrow('npm was killed');
  expect(built()).toEqual(['old', 'old']);
  expect(existsSync(at('.update'))).toBe(false);
});

test('what an update that was killed itself has left is no matter to the next one', async () => {
  make(at('.update'), 'dist', 'half');

  await buildBeside(root, async (folder) => {
    for (const part of ['node_modules', 'dist']) make(folder, part, 'new');
  });

  expect(built()).toEqual(['new', 'new']);
});

test('a build that made no program is told, and the old one stays', async () => {
  const building = buildBeside(root, async (folder) => make(folder, 'node_modules', 'new'));

  await expect(building).rejects.toMatchObject({
    code: 'CHECKOUT_FAILED',
    message: expect.stringContaining('dist') as string,
  });
  expect(built()).toEqual(['old', 'old']);
});

test('a checkout that was never built is built', async () => {
  rmSync(at('dist'), { recursive: true });

  await buildBeside(root, async (folder) => {
    for (const part of ['node_modules', 'dist']) make(folder, part, 'new');
  });

  expect(built()).toEqual(['new', 'new']);
});
