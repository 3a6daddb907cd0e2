/** `drover init`: writes the config of a new instance, from a template or from what another program ran. Needs no daemon. */

import { existsSync } from 'node:fs';

import type { Profile } from '../../../config/instances/instance-template.ts';
import { AppError } from '../../../contract/errors.ts';
import type { InstanceConfigInput } from '../../../contract/instance-config.ts';
import type { CliContext } from '../../context.ts';
import { modelOf } from '../../model-argument.ts';

export interface InitFlags {
  readonly profile?: Profile;
  readonly model?: string;
  readonly port?: number;
  readonly import?: string;
  readonly force: boolean;
}

export async function init(this: CliContext, flags: InitFlags, given?: string): Promise<void> {
  const draft = flags.import === undefined ? null : await imported(this, flags, flags.import);
  const name = await usableName(given ?? draft?.suggestedName ?? null);
  const { instanceConfigFile, namedConfig, saveInstanceConfig } = await import('../../../config/index.ts');
  const file = instanceConfigFile(this.paths.home, name);
  if (existsSync(file) && !flags.force) {
    throw new AppError('INSTANCE_EXISTS', `${file} exists`, { hint: 'edit it, or add --force to replace it' });
  }
  const config = draft === null ? await fromTemplate(this, flags, name) : namedConfig(draft, name);
  saveInstanceConfig(this.paths.home, name, config);
  this.out.line(file);
  for (const note of draft?.notes ?? []) this.err.line(`note: ${note}`);
  if (draft === null) await suggest(this, flags, name);
  this.err.line(`next: drover up ${name}`);
}

/** Throws INVALID_REQUEST for what is no name. */
async function usableName(name: string | null): Promise<string> {
  const { assertInstanceName } = await import('../../../config/index.ts');
  if (name === null) {
    throw new AppError('INVALID_REQUEST', 'no name is given', { hint: 'write "drover init NAME"' });
  }
  assertInstanceName(name);
  return name;
}

/** The flags beside `--import` win over what was imported. */
async function imported(context: CliContext, flags: InitFlags, source: string) {
  if (flags.profile !== undefined) {
    throw new AppError('INVALID_REQUEST', 'give --import or --profile, not both', {
      hint: 'where it computes is part of what is imported',
    });
  }
  const { importSource } = await import('./import-instance.ts');
  const draft = await importSource(context, source);
  const { model, server } = draft.config;
  const { path: _path, ...others } = model;
  return {
    ...draft,
    config: {
      ...draft.config,
      ...(flags.model === undefined ? {} : { model: { ...others, ...modelOf(context, flags.model) } }),
      ...(flags.port === undefined ? {} : { server: { ...server, port: flags.port } }),
    },
  };
}

async function fromTemplate(context: CliContext, flags: InitFlags, name: string): Promise<InstanceConfigInput> {
  const { instanceTemplate } = await import('../../../config/index.ts');
  const { profile = 'cpu', model, port } = flags;
  return instanceTemplate({ name, profile, model: modelOf(context, model), port });
}

async function suggest(context: CliContext, { model, profile }: InitFlags, name: string): Promise<void> {
  if (model === undefined) context.err.line(`it uses the demo model; edit "model", or give -m FILE or -m ID`);
  const { suggestDevices } = await import('./suggest-devices.ts');
  const found = await suggestDevices(context);
  if (found === null) return;
  for (const line of found.lines) context.err.line(`device: ${line}`);
  if (profile === undefined) {
    context.err.line(`it computes on the CPU; for the cards: drover init ${name} --force --profile ${found.profile}`);
  }
}
