/** `drover checkout …`: the git checkout that this drover runs from: what it is, its newer commits, and a build of them. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { AppError } from '../../../contract/errors.ts';
import { installedFile } from '../../../kernel/index.ts';
import type { CliContext } from '../../context.ts';
import { buildBeside } from './build-beside.ts';
import { perform } from './perform.ts';

const GIT = {
  status: ['git', 'status', '--short', '--branch'],
  pull: ['git', 'pull', '--ff-only'],
  update: ['git', 'pull', '--ff-only'],
} as const;

export function checkout(verb: keyof typeof GIT) {
  return async function run(this: CliContext): Promise<void> {
    const root = installedFile('.');
    assertCheckout(root);
    await step(GIT[verb], root);
    if (verb !== 'update') return;
    // What is built is part of an installation of the checkout.
    await buildBeside(root, (folder) => step(['npm', 'ci'], folder));
    this.err.line('built; the running daemons have the old code until: drover daemon restart');
  };
}

function assertCheckout(root: string): void {
  if (existsSync(join(root, '.git'))) return;
  throw new AppError('INVALID_REQUEST', `drover in ${root} is no git checkout`, {
    hint: 'update it the way it was installed, such as: npm install --global drover',
  });
}

async function step(line: readonly string[], folder: string): Promise<void> {
  const code = await perform(line, { cwd: folder }).catch((cause: Error) => {
    throw new AppError('CHECKOUT_FAILED', `"${line[0]}" cannot be started: ${cause.message}`, {
      cause,
      hint: `install it on this machine, where its search path finds it: ${process.env['PATH']}`,
    });
  });
  if (code !== 0) throw new AppError('CHECKOUT_FAILED', `"${line.join(' ')}" failed in ${folder} (exit ${code})`);
}
