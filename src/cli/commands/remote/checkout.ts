/**
 * `drover checkout …`: the git checkout that this drover runs from, here or behind ssh: what it is, its newer commits,
 * and a build of them.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

import { sshArguments, sshProgram } from '../../../client/ssh.ts';
import { AppError } from '../../../contract/errors.ts';
import { EXIT } from '../../../contract/exit-codes.ts';
import { installedFile } from '../../../kernel/index.ts';
import type { CliContext } from '../../context.ts';

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
    const { endpoint } = this.client;
    if (endpoint.kind === 'ssh') {
      const code = await perform([sshProgram(), ...sshArguments(endpoint, ['checkout', verb])]);
      return this.end(code === 0 ? EXIT.ok : EXIT.failed);
    }
    if (this.isRemote) {
      throw new AppError('INVALID_REQUEST', 'a checkout on another machine is reached by ssh only', {
        hint: 'write -H ssh://HOST',
      });
    }
    for (const [program, ...args] of STEPS[verb]) await step(program, args);
    if (verb === 'update') this.err.line('built; the running daemons have the old code until: drover daemon restart');
  };
}

async function step(program: string, args: readonly string[]): Promise<void> {
  const root = installedFile('.');
  if (!existsSync(installedFile('.git'))) {
    throw new AppError('INVALID_REQUEST', `drover in ${root} is no git checkout`, {
      hint: 'update it the way it was installed, such as: npm install --global drover',
    });
  }
  const code = await perform([program, ...args], root);
  if (code !== 0)
    throw new AppError('CHECKOUT_FAILED', `"${[program, ...args].join(' ')}" failed in ${root} (exit ${code})`);
}

/** With the streams of this command. Answers its exit code. */
async function perform([program = '', ...args]: readonly string[], cwd?: string): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', ...(cwd === undefined ? {} : { cwd }) });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
