/** `drover key …`: keys of the front door. A key's text is printed once, when it is made. */

import type { CreatedKeyView, KeyView } from '../../../contract/keys.ts';
import { AppError } from '../../../contract/errors.ts';
import type { KeyScope } from '../../../contract/words.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { orDash } from '../../format.ts';
import { renderFields, renderTable } from '../../table.ts';
import type { Column } from '../../table.ts';

interface JsonFlag {
  readonly json: boolean;
}

interface CreateFlags extends JsonFlag {
  readonly name?: string;
  readonly scope?: readonly KeyScope[];
  readonly models?: readonly string[];
  readonly rpm?: number;
  readonly tpm?: number;
  readonly concurrency?: number;
  readonly expires?: number;
}

export async function create(this: CliContext, flags: CreateFlags): Promise<void> {
  const { name = 'unnamed', scope, models, rpm, tpm, concurrency, expires } = flags;
  const wanted = {
    name,
    ...(scope === undefined ? {} : { scopes: [...scope] }),
    ...(models === undefined ? {} : { models: [...models] }),
    ...(rpm === undefined ? {} : { rpm }),
    ...(tpm === undefined ? {} : { tpm }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(expires === undefined ? {} : { expires_in_ms: expires }),
  };
  printNew(this, await this.client.createKey(wanted), flags);
}

export async function rotate(this: CliContext, flags: JsonFlag, which: string): Promise<void> {
  printNew(this, await this.client.rotateKey(await idOf(this, which)), flags);
}

/** The key alone on stdout. */
function printNew(context: CliContext, made: CreatedKeyView, flags: JsonFlag): void {
  if (flags.json) return printJson(context, made);
  context.out.line(made.key);
  context.err.line(`key ${made.id} (${made.name}), scope ${made.scopes.join(', ')}: it is not shown again`);
}

export async function revoke(this: CliContext, flags: JsonFlag, which: string): Promise<void> {
  const key = await this.client.revokeKey(await idOf(this, which));
  if (flags.json) return printJson(this, key);
  this.out.write(renderFields([['Revoked', `${key.id} (${key.name})`]]));
}

/** Names need not be different: one that several keys have says nothing. */
async function idOf({ client }: CliContext, which: string): Promise<string> {
  const keys = await client.keys();
  const named = keys.filter(({ name, state }) => name === which && state !== 'revoked');
  // What is no name is an id, or unknown to the controller too.
  if (named.length === 0 || keys.some(({ id }) => id === which)) return which;
  if (named.length === 1 && named[0] !== undefined) return named[0].id;
  throw new AppError('INVALID_REQUEST', `${named.length} keys are named "${which}"`, {
    hint: `name one by its id: ${named.map(({ id }) => id).join(', ')}`,
  });
}

export async function ls(this: CliContext, flags: JsonFlag): Promise<void> {
  const keys = await this.client.keys();
  if (flags.json) return printJson(this, keys);
  if (keys.length === 0) return this.out.line('no keys: callers on this machine may read and infer without one');
  this.out.write(renderTable(COLUMNS, keys));
}

const COLUMNS: readonly Column<KeyView>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'STATE', cell: ({ state }) => state },
  { title: 'SCOPE', cell: ({ scopes }) => scopes.join(',') },
  { title: 'MODELS', cell: ({ models }) => models?.join(',') ?? 'all' },
  { title: 'LIMITS', cell: limits },
  { title: 'EXPIRES', cell: (key) => orDash(key.expires_at) },
  { title: 'LAST USE', cell: (key) => orDash(key.last_used_at) },
];

function limits({ rpm, tpm, concurrency }: KeyView): string {
  const parts = [
    rpm === null ? null : `${rpm}/min`,
    tpm === null ? null : `${tpm} tokens/min`,
    concurrency === null ? null : `${concurrency} at once`,
  ];
  return orDash(parts.filter((part) => part !== null).join(', '));
}
