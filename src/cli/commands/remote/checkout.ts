/** `drover checkout …`: the git checkout that this drover runs from: what it is, its newer commits, and a build of them. */

import { existsSync } from 'node:fs';

import { AppError } from '../../../contract/errors.ts';
import { installedFile } from '../../../kernel/index.ts';
import type { CliContext } from '../../context.ts';
import { perform } from './perform.ts';

const STEPS = {
  status: [['git', 'status', '--short', '--branch']],
  pull: [['git', 'pull', '--ff-only']],
  // What is built is part of an installation of the checkout.
  update: [
    ['git', 'pull', '--ff-only'],
    ['npm', 'ci'],
  ],
} as const;

export function checkout(verb: keyof typeof STEPS) {
  return async function run(this: CliContext): Promise<void> {
    for (const line of STEPS[verb]) await step(line);
    if (verb === 'update') this.err.line('built; the running daemons have the old code until: drover daemon restart');
  };
}

async function step(line: readonly string[]): Promise<void> {
  const root = installedFile('.');
  if (!existsSync(installedFile('.git'))) {
    throw new AppError('INVALID_REQUEST', `drover in ${root} is no git checkout`, {
      hint: 'update it the way it was installed, such as: npm install --global drover',
    });
  }
  const code = await perform(line, root).catch((cause: Error) => {
    throw new AppError('CHECKOUT_FAILED', `"${line[0]}" cannot be started: ${cause.message}`, {
      cause,
      hint: `install it on this machine, where its search path finds it: ${process.env['PATH']}`,
    });
  });
  if (code !== 0) throw new AppError('CHECKOUT_FAILED', `"${line.join(' ')}" failed in ${root} (exit ${code})`);
}
