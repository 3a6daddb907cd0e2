/**
 * A build of the checkout in a folder of its own, which then takes the place of what was built before: until it is whole
 * nothing of the old is touched, so that one that fails, or is killed, leaves a program that works.
 */

import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { AppError } from '../../../contract/errors.ts';

/** In the checkout, so that its parent need not be writable and the parts move in one step. */
const FOLDER = '.update';
/** What a build makes, in the order in which it is put in place: the program comes last. */
const MADE = ['node_modules', 'dist'] as const;

/** The sources are those of the working tree, local changes included. Rejects as `build` does. */
export async function buildBeside(root: string, build: (folder: string) => Promise<void>): Promise<void> {
  const folder = join(root, FOLDER);
  rmSync(folder, { recursive: true, force: true });
  try {
    copySources(root, folder);
    await build(folder);
    assertWhole(folder);
    for (const part of MADE) putInPlace(part, root, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function copySources(root: string, folder: string): void {
  const sources = readdirSync(root).filter((name) => !['.git', FOLDER, ...MADE].includes(name));
  mkdirSync(folder);
  for (const name of sources) cpSync(join(root, name), join(folder, name), { recursive: true, verbatimSymlinks: true });
}

function assertWhole(folder: string): void {
  const missing = MADE.find((part) => !existsSync(join(folder, part)));
  if (missing === undefined) return;
  throw new AppError('CHECKOUT_FAILED', `the build has made no ${missing}; what was built before stays`, {
    hint: 'see that npm may run scripts there: npm config get ignore-scripts',
  });
}

function putInPlace(part: string, root: string, folder: string): void {
  const place = join(root, part);
  if (existsSync(place)) renameSync(place, join(folder, `old-${part}`));
  renameSync(join(folder, part), place);
}
