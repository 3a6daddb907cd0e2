/** `drover engine …`: the engines of this machine. Needs no daemon. */

import { didYouMean } from '../../kernel/nearest.ts';
import { AppError } from '../../contract/errors.ts';
import type { EngineView } from '../../contract/engine-view.ts';
import type { BuildBackend, BuildProgress, EngineFolderSettings } from '../../engines/index.ts';
import { printJson } from '../context.ts';
import type { CliContext } from '../context.ts';
import { orDash } from '../format.ts';
import { createProgress } from '../progress.ts';
import { renderFields, renderTable } from '../table.ts';

interface JsonFlag {
  readonly json: boolean;
}

export async function ls(this: CliContext, flags: JsonFlag): Promise<void> {
  const rows = await engineRows(this);
  if (flags.json)
    return printJson(
      this,
      rows.map(({ flags: _flags, ...row }) => row),
    );
  this.out.write(
    renderTable<EngineView>(
      [
        { title: 'ENGINE', cell: ({ engine }) => engine },
        { title: 'AVAILABLE', cell: ({ available }) => (available ? 'yes' : 'no') },
        { title: 'VERSION', cell: ({ version }) => orDash(version) },
        { title: 'ORIGIN', cell: ({ origin }) => orDash(origin) },
        { title: 'FILE', cell: ({ file, hint }) => file ?? hint ?? '-' },
      ],
      rows,
    ),
  );
}

export async function info(this: CliContext, flags: JsonFlag, name: string): Promise<void> {
  const rows = await engineRows(this);
  const row = rows.find(({ engine }) => engine === name);
  if (!row) {
    const names = rows.map(({ engine }) => engine);
    throw new AppError('NOT_FOUND', `there is no engine "${name}"`, {
      hint: didYouMean(name, names) ?? `engines: ${names.join(', ')}`,
    });
  }
  if (flags.json) return printJson(this, row);
  const { flags: known, ...fields } = row;
  this.out.write(renderFields(Object.entries(fields).map(([field, value]) => [field, orDash(value as string | null)])));
  if (known) this.out.line(`flags      ${known.length} known`);
}

async function engineRows(context: CliContext): Promise<readonly EngineView[]> {
  const { createEngines, listEngines } = await import('../../engines/index.ts');
  return listEngines(createEngines(folderOf(context)), context.signal);
}

function folderOf({ paths, env }: CliContext): EngineFolderSettings {
  return { home: paths.home, environment: env };
}

interface BuildFlags {
  readonly backend: BuildBackend;
  readonly jobs?: number;
}

export async function build(this: CliContext, flags: BuildFlags): Promise<void> {
  const { buildLlamaServer } = await import('../../engines/index.ts');
  using progress = createProgress(this.err, this.clock);
  const name = `llama-server (${flags.backend})`;
  const tell = createTeller();
  const { file, version, built } = await buildLlamaServer({
    ...folderOf(this),
    ...flags,
    signal: this.signal,
    onProgress: (step) => {
      const phase = tell(step);
      if (phase !== null) progress.phase(name, phase);
    },
  });
  progress.finish(name);
  this.out.line(`${built ? 'built' : 'there already'}: llama-server ${version} at ${file}`);
}

/** A line for each phase and each twentieth of it; null when there is nothing new to say. */
function createTeller(): (progress: BuildProgress) => string | null {
  let last = '';
  return ({ phase, share }) => {
    const now = `${phase} ${Math.floor(share * 20) * 5} %`;
    if (now === last) return null;
    last = now;
    return now;
  };
}

export async function add(this: CliContext, _flags: object, backend: string): Promise<void> {
  if (backend !== 'cuda' && backend !== 'vulkan') {
    throw new AppError('INVALID_REQUEST', `there are no packs for "${backend}"`, { hint: 'write cuda or vulkan' });
  }
  const { installEmbeddedBackend } = await import('../../engines/index.ts');
  const settings = { ...folderOf(this), signal: this.signal, onLine: (line: string) => this.err.line(line) };
  this.out.line(`installed: ${await installEmbeddedBackend(backend, settings)}`);
}
