/** `drover init`: writes the config of a new instance. Needs no daemon. */

import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';

import type { Profile } from '../../config/instance-template.ts';
import { AppError } from '../../contract/errors.ts';
import { writeFileAtomic } from '../../kernel/files.ts';
import type { CliContext } from '../context.ts';

export interface InitFlags {
  readonly profile: Profile;
  readonly model?: string;
  readonly port?: number;
  readonly force: boolean;
}

export async function init(this: CliContext, flags: InitFlags, name: string): Promise<void> {
  const { instanceConfigFile, instanceJsonSchema, instanceTemplate } = await import('../../config/index.ts');
  const { INSTANCE_NAME } = await import('../../contract/instances.ts');
  if (!INSTANCE_NAME.test(name)) {
    throw new AppError('INVALID_REQUEST', `"${name}" is no name for an instance`, {
      hint: 'use lower-case letters, digits and dashes, 1 to 64 characters',
    });
  }
  const file = instanceConfigFile(this.paths.home, name);
  if (existsSync(file) && !flags.force) {
    throw new AppError('INSTANCE_EXISTS', `${file} exists`, { hint: 'edit it, or add --force to replace it' });
  }
  const schemaFile = join(this.paths.home, 'schemas', 'instance.schema.json');
  const config = instanceTemplate({
    name,
    profile: flags.profile,
    model: modelOf(this, flags.model),
    port: flags.port,
    schema: '../../schemas/instance.schema.json',
  });
  writeFileAtomic(schemaFile, `${JSON.stringify(instanceJsonSchema(), null, 2)}\n`);
  writeFileAtomic(file, `${JSON.stringify(config, null, 2)}\n`);
  this.out.line(file);
  if (flags.model === undefined) this.err.line(`it uses the demo model; edit "model", or give -m FILE or -m ID`);
  this.err.line(`next: drover up ${name}`);
}

/** What looks like a file, or is one, is a path; anything else a catalogue id. */
function modelOf({ cwd }: CliContext, model: string | undefined): { id: string } | { path: string } {
  if (model === undefined) return { id: 'demo' };
  const path = isAbsolute(model) ? model : resolve(cwd, model);
  const looksLikeFile = model.includes('/') || model.endsWith('.gguf') || (dirname(model) !== '.' && existsSync(path));
  return looksLikeFile ? { path } : { id: model };
}
