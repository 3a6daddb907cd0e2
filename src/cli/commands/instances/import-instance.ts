/** What `drover init --import` is given, made into a config: a llama-server command line, or a file of llama-orchestrator. */

import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

import type { Imported } from '../../../config/importing/imported.ts';
import { AppError } from '../../../contract/errors.ts';
import type { CliContext } from '../../context.ts';
import { slug } from '../../model-argument.ts';

interface NamedImport extends Imported {
  /** What the source suggests, when it does. */
  readonly suggestedName: string | null;
}

/** A file that is there, or what can only be a file, is one; anything else is a command line. */
export async function importSource(context: CliContext, source: string): Promise<NamedImport> {
  const file = resolve(context.cwd, source);
  if (existsSync(file) || /^\S+\.json$/.test(source)) return importFile(context, file);
  const { importCommand } = await import('../../../config/importing/import-command.ts');
  const imported = importCommand(source);
  const model = withPaths(context, imported.config.model);
  const { engine } = imported.config;
  return {
    ...imported,
    config: { ...imported.config, model, engine: { ...engine, ...withPaths(context, engine ?? {}) } },
    suggestedName: slug(model.alias?.[0] ?? basename(model.path ?? '', '.gguf')),
  };
}

async function importFile(context: CliContext, file: string): Promise<NamedImport> {
  const { readJsonFile } = await import('../../../config/index.ts');
  const { importOrchestratorConfig } = await import('../../../config/importing/import-orchestrator.ts');
  const read = readJsonFile(file);
  if (read.kind === 'absent') throw new AppError('NOT_FOUND', `there is no file ${file}`);
  if (read.kind === 'broken') {
    const [first] = read.problems;
    throw new AppError('CONFIG_INVALID', `${file}: ${first?.message ?? 'cannot be read'}`, {
      hint: first?.hint ?? 'give a file that holds a JSON object',
    });
  }
  const imported = importOrchestratorConfig(file, read.value);
  const { name } = read.value;
  const model = withPaths({ cwd: dirname(file), env: context.env }, imported.config.model);
  const suggestedName = typeof name === 'string' ? slug(name) : null;
  return { ...imported, config: { ...imported.config, model }, suggestedName };
}

/** Within quotes no shell has expanded the tilde, and the config lies elsewhere than where the command was typed. */
function withPaths<T extends { readonly path?: string | undefined }>(
  { cwd, env }: Pick<CliContext, 'cwd' | 'env'>,
  section: T,
): T {
  if (section.path === undefined) return section;
  const home = env['HOME'] ?? '';
  return { ...section, path: resolve(cwd, section.path.replace(/^~(?=\/)/, home)) };
}
