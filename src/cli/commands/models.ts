/** `drover models …`: the catalogue. */

import { resolve } from 'node:path';

import type { ModelView } from '../../contract/models.ts';
import { printJson } from '../context.ts';
import type { CliContext } from '../context.ts';
import { bytes, colourOf, orDash } from '../format.ts';
import { renderFields, renderTable } from '../table.ts';

interface JsonFlag {
  readonly json: boolean;
}

export async function demo(this: CliContext, flags: JsonFlag): Promise<void> {
  const model = await this.client.registerDemoModel();
  if (flags.json) return printJson(this, model);
  this.out.line(`${model.id}  ${bytes(model.size_bytes)}  ${model.path}`);
  this.err.line('next: drover init NAME --profile cpu -m demo');
}

export async function ls(this: CliContext, flags: JsonFlag): Promise<void> {
  const models = await this.client.models();
  if (flags.json) return printJson(this, models);
  if (models.length === 0) {
    return this.out.line(
      'no models yet; "drover models demo" writes a small one, "drover models register ID FILE" adds yours',
    );
  }
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
        { title: 'PATH', cell: ({ path }) => path },
      ],
      models,
    ),
  );
}

export async function info(this: CliContext, flags: JsonFlag, id: string): Promise<void> {
  const model = await this.client.model(id);
  if (flags.json) return printJson(this, model);
  this.out.write(
    renderFields(Object.entries(model).map(([name, value]) => [name, orDash(value as string | number | null)])),
  );
}

export async function register(this: CliContext, flags: JsonFlag, id: string, file: string): Promise<void> {
  const model = await this.client.registerModel({ id, path: resolve(this.cwd, file) });
  if (flags.json) return printJson(this, model);
  this.out.line(`${model.id} is registered: ${model.path}`);
}

export async function rm(this: CliContext, _flags: object, id: string): Promise<void> {
  await this.client.removeModel(id);
  this.out.line(`${id} is removed from the catalogue; its file stays`);
}
