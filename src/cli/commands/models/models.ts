/** `drover models …`: the catalogue. */

import { resolve } from 'node:path';

import type { CatalogEntryView, ModelDetailView, ModelView } from '../../../contract/models.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { bytes, colourOf, orDash } from '../../format.ts';
import { renderFields, renderTable } from '../../table.ts';

interface JsonFlag {
  readonly json: boolean;
}

export async function demo(this: CliContext, flags: JsonFlag): Promise<void> {
  const model = await this.client.registerDemoModel();
  if (flags.json) return printJson(this, model);
  this.out.line(`${model.id}  ${bytes(model.size_bytes)}  ${model.path}`);
  this.err.line('next: drover init NAME --profile cpu -m demo');
}

const NO_MODELS =
  'no models yet; "drover models demo" writes a small one, "drover models pull NAME" brings one of "drover models catalog"';
const ALL_RETIRED = 'every model is retired; "drover models ls --retired" shows them';

interface LsFlags extends JsonFlag {
  readonly retired: boolean;
}

export async function ls(this: CliContext, flags: LsFlags): Promise<void> {
  const all = await this.client.models();
  const models = all.filter(({ state }) => flags.retired || state !== 'retired');
  if (flags.json) return printJson(this, models);
  if (models.length === 0) return this.out.line(all.length === 0 ? NO_MODELS : ALL_RETIRED);
  this.out.write(
    renderTable<ModelView>(
      [
        { title: 'ID', cell: ({ id }) => id },
        {
          title: 'STATE',
          cell: ({ state }) => state,
          paint: ({ state }, text) => this.out.paint(colourOf(state), text),
        },
        { title: 'SIZE', align: 'right', cell: (model) => bytes(model.size_bytes) },
        { title: 'ARCHITECTURE', cell: ({ architecture }) => orDash(architecture) },
        { title: 'QUANT', cell: ({ quantisation }) => orDash(quantisation) },
        { title: 'CONTEXT', align: 'right', cell: (model) => orDash(model.context_length) },
        { title: 'TIER', align: 'right', cell: ({ tier }) => String(tier) },
        { title: 'HOSTS', cell: ({ hosts }) => orDash(hosts.join(',')) },
        { title: 'PATH', cell: ({ path, reason }) => reason ?? orDash(path) },
      ],
      models,
    ),
  );
}

export async function catalog(this: CliContext, flags: JsonFlag): Promise<void> {
  const entries = await this.client.catalog();
  if (flags.json) return printJson(this, entries);
  this.out.write(
    renderTable<CatalogEntryView>(
      [
        { title: 'NAME', cell: ({ name }) => name },
        { title: 'HERE', cell: ({ state }) => orDash(state) },
        { title: 'TIER', align: 'right', cell: ({ tier }) => String(tier) },
        { title: 'WHAT', cell: ({ about }) => about },
        { title: 'REFERENCE', cell: ({ reference }) => reference },
      ],
      entries,
    ),
  );
}

export async function info(this: CliContext, flags: JsonFlag, id: string): Promise<void> {
  const model = await this.client.model(id);
  if (flags.json) return printJson(this, model);
  this.out.write(renderFields(fieldsOf(model)));
  if (model.fits.length === 0) return;
  this.out.line('');
  this.out.write(
    renderTable<ModelDetailView['fits'][number]>(
      [
        { title: 'DEVICE', cell: ({ device }) => device },
        {
          title: 'FITS',
          cell: ({ fits }) => (fits ? 'yes' : 'no'),
          paint: ({ fits }, text) => this.out.paint(fits ? 'green' : 'red', text),
        },
        { title: 'NEEDS', align: 'right', cell: (fit) => bytes(fit.needed_bytes) },
        { title: 'FREE', align: 'right', cell: (fit) => bytes(fit.free_bytes) },
        { title: 'CONTEXT', align: 'right', cell: (fit) => String(fit.context_size) },
      ],
      model.fits,
    ),
  );
}

function fieldsOf({ files, hosts, fits: _fits, ...rest }: ModelDetailView): readonly (readonly [string, string])[] {
  const plain = Object.entries(rest).map(
    ([name, value]) => [name, orDash(value === null ? null : String(value))] as const,
  );
  const parts = files.map(
    (file) => ['file', `${file.path}  ${bytes(file.size_bytes)}  ${orDash(file.sha256)}`] as const,
  );
  return [...plain, ['hosts', orDash(hosts.join(', '))], ...parts];
}

interface RegisterFlags extends JsonFlag {
  readonly tier?: number;
}

export async function register(this: CliContext, flags: RegisterFlags, id: string, file: string): Promise<void> {
  const model = await this.client.registerModel({ id, path: resolve(this.cwd, file), tier: flags.tier });
  if (flags.json) return printJson(this, model);
  this.out.line(`${model.id} is registered: ${model.path}`);
}

export async function unregister(this: CliContext, _flags: object, id: string): Promise<void> {
  await this.client.retireModel(id);
  this.out.line(
    `${id} is retired: nothing uses it, and its files stay, those in the folder of models until "drover models prune"`,
  );
}

export async function rm(this: CliContext, _flags: object, id: string): Promise<void> {
  await this.client.removeModel(id);
  this.out.line(`${id} is removed from the catalogue, and its files where they lie in the folder of models`);
}
