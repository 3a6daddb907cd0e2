/** `drover secrets …`: the secrets of this home, by name. A value goes in by stdin and never comes out. */

import { AppError } from '../../contract/errors.ts';
import { printJson } from '../context.ts';
import type { CliContext } from '../context.ts';

export async function ls(this: CliContext, { json }: { readonly json: boolean }): Promise<void> {
  const { readSecretFile } = await import('../../agent/secrets/secret-file.ts');
  const names = [...readSecretFile(this.paths.home).keys()].toSorted();
  if (json) return printJson(this, names);
  for (const name of names) this.out.line(name);
  if (names.length === 0) this.err.line('no secrets yet; store one with "drover secrets set NAME"');
}

export async function set(this: CliContext, _flags: object, name: string): Promise<void> {
  const { SECRET_NAME, secretFile, writeSecret } = await import('../../agent/secrets/secret-file.ts');
  const { SHORTEST_SECRET } = await import('../../agent/secrets/masker.ts');
  if (!SECRET_NAME.test(name)) {
    throw new AppError('INVALID_REQUEST', `"${name}" is no name of a secret`, {
      hint: 'letters, digits and _, as variables have',
    });
  }
  const value = (await this.readInput()).replace(/\r?\n$/, '');
  if (value.length < SHORTEST_SECRET) {
    throw new AppError(
      'INVALID_REQUEST',
      `the value of ${name} has fewer than ${SHORTEST_SECRET} characters and could not be masked`,
      {
        hint: `give it on stdin: drover secrets set ${name} < FILE`,
      },
    );
  }
  writeSecret(this.paths.home, name, value);
  this.err.line(`${name} is stored in ${secretFile(this.paths.home)}`);
}

export async function rm(this: CliContext, _flags: object, name: string): Promise<void> {
  const { writeSecret } = await import('../../agent/secrets/secret-file.ts');
  if (writeSecret(this.paths.home, name, null)) return;
  throw new AppError('NOT_FOUND', `there is no secret ${name} in this home`, { hint: 'run "drover secrets ls"' });
}
