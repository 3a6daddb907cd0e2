/** `drover plan new`: a first plan, by what it shall do, that lints clean and runs as it is. */

import { existsSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

import { AppError } from '../../../contract/errors.ts';
import { makeFolder } from '../../../kernel/files.ts';
import type { CliContext } from '../../context.ts';
import { PLAN_TEMPLATES } from '../../plan-templates.ts';

interface NewFlags {
  readonly template?: string;
}

export function create(this: CliContext, { template = 'shell' }: NewFlags, folder: string): void {
  const write = PLAN_TEMPLATES.get(template);
  if (write === undefined) {
    const known = [...PLAN_TEMPLATES.keys()].join(', ');
    throw new AppError('INVALID_REQUEST', `there is no template "${template}"`, { hint: `write one of ${known}` });
  }
  const path = resolve(this.cwd, folder);
  const file = join(path, 'plan.md');
  if (existsSync(file)) throw new AppError('PATH_TAKEN', `${file} exists`, { hint: 'choose another folder' });
  makeFolder(join(path, 'scripts'));
  writeFileSync(file, write(basename(path)));
  this.out.line(file);
  this.err.line(`next: drover plan lint ${folder}`);
}
