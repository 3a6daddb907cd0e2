/** `drover models import|verify|du|prune`: the files behind the catalogue. */

import { basename, resolve } from 'node:path';

import { AppError } from '../../../contract/errors.ts';
import { EXIT } from '../../../contract/exit-codes.ts';
import type { ModelCheckView, ModelUsageView } from '../../../contract/models.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { bytes, orDash } from '../../format.ts';
import { slug } from '../../model-argument.ts';
import { renderTable } from '../../table.ts';

interface JsonFlag {
  readonly json: boolean;
}

interface ImportFlags extends JsonFlag {
  readonly name?: string;
  readonly tier?: number;
}

/** Of a model in parts with the number of the part. */
const ENDING = /(?:-\d{5}-of-\d{5})?\.gguf$/;

export async function importFile(this: CliContext, flags: ImportFlags, file: string): Promise<void> {
  const id = flags.name ?? slug(basename(file).replace(ENDING, ''));
  if (id === null)
    throw new AppError('INVALID_REQUEST', `no id follows from ${file}`, { hint: 'give one with --name' });
  const model = await this.client.importModel({ id, path: resolve(this.cwd, file), tier: flags.tier });
  if (flags.json) return printJson(this, model);
  this.out.line(`${model.id} is imported: ${bytes(model.size_bytes)}, ${model.path}`);
}

interface VerifyFlags extends JsonFlag {
  readonly all: boolean;
}

/** Exit 1 when one is not what it was. */
export async function verify(this: CliContext, flags: VerifyFlags, ...ids: string[]): Promise<void> {
  const checks: ModelCheckView[] = [];
  for (const id of flags.all ? await idsWithFiles(this) : ids) {
    if (!flags.json) this.err.line(`${id} …`);
    checks.push(await this.client.verifyModel(id));
  }
  if (checks.length === 0 && !flags.all) {
    throw new AppError('INVALID_REQUEST', 'no model is named', { hint: 'name one, or give --all' });
  }
  if (flags.json) printJson(this, checks);
  else this.out.write(tableOf(checks));
  if (checks.some(({ ok }) => !ok)) this.end(EXIT.failed);
}

async function idsWithFiles({ client }: CliContext): Promise<readonly string[]> {
  const models = await client.models();
  return models.filter(({ state, files }) => state !== 'downloading' && files.length > 0).map(({ id }) => id);
}

function tableOf(checks: readonly ModelCheckView[]): string {
  const rows = checks.flatMap(({ model, files }) => files.map((file) => ({ model, ...file })));
  return renderTable(
    [
      { title: 'MODEL', cell: ({ model }) => model },
      { title: 'VERDICT', cell: ({ verdict }) => verdict },
      { title: 'SHA-256', cell: ({ sha256 }) => orDash(sha256?.slice(0, 16)) },
      { title: 'FILE', cell: ({ path }) => path },
    ],
    rows,
  );
}

export async function du(this: CliContext, flags: JsonFlag): Promise<void> {
  const usage = await this.client.modelUsage();
  if (flags.json) return printJson(this, usage);
  this.out.write(entriesTable(usage.entries));
  const spare = sum(usage.entries.filter(({ needed }) => !needed));
  this.out.line(`${bytes(usage.total_bytes)} in ${usage.folder}, ${bytes(usage.free_bytes)} free`);
  if (spare > 0) this.err.line(`nobody needs ${bytes(spare)} of it: drover models prune`);
}

interface PruneFlags extends JsonFlag {
  readonly dryRun: boolean;
}

export async function prune(this: CliContext, flags: PruneFlags): Promise<void> {
  const left = flags.dryRun
    ? (await this.client.modelUsage()).entries.filter(({ needed }) => !needed)
    : await this.client.pruneModels();
  if (flags.json) return printJson(this, left);
  if (left.length === 0) return this.out.line('nothing is there that nobody needs');
  this.out.write(entriesTable(left));
  this.out.line(`${bytes(sum(left))} ${flags.dryRun ? 'would be' : 'are'} freed`);
}

type Entry = ModelUsageView['entries'][number];

function sum(entries: readonly Entry[]): number {
  return entries.reduce((total, { size_bytes: size }) => total + size, 0);
}

function entriesTable(entries: readonly Entry[]): string {
  return renderTable<Entry>(
    [
      { title: 'ON DISK', align: 'right', cell: (entry) => bytes(entry.size_bytes) },
      { title: 'MODEL', cell: ({ model }) => orDash(model) },
      { title: 'NEEDED', cell: ({ needed }) => (needed ? 'yes' : 'no') },
      { title: 'FILE', cell: ({ path }) => path },
    ],
    entries,
  );
}
