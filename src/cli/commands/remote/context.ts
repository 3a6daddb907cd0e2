/** `drover context …`: names for other controllers, and the one that counts when none is asked for. */

import { resolve } from 'node:path';

import { parseEndpoint, showEndpoint } from '../../../client/index.ts';
import { CONTEXT_NAME, contextsText, loadContexts } from '../../../config/contexts.ts';
import type { Contexts } from '../../../config/contexts.ts';
import { LOCAL } from '../../../config/paths.ts';
import { AppError } from '../../../contract/errors.ts';
import { writeFileAtomic } from '../../../kernel/files.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { renderTable } from '../../table.ts';

export async function ls(this: CliContext, { json }: { readonly json: boolean }): Promise<void> {
  const { current, named } = loadContexts(this.paths.contextsFile);
  const rows = [{ name: LOCAL, host: this.paths.socket, keyFile: null }, ...named].map((context) => ({
    name: context.name,
    host: context.host,
    key_file: context.keyFile,
    current: context.name === (current ?? LOCAL),
  }));
  if (json) return printJson(this, rows);
  this.out.line(
    renderTable(
      [
        { title: '', cell: (row) => (row.current ? '*' : '') },
        { title: 'NAME', cell: (row) => row.name },
        { title: 'HOST', cell: (row) => row.host },
        { title: 'KEY FILE', cell: (row) => row.key_file ?? '-' },
      ],
      rows,
    ),
  );
}

interface AddFlags {
  readonly keyFile?: string;
}

export async function add(this: CliContext, flags: AddFlags, name: string, host: string): Promise<void> {
  if (!CONTEXT_NAME.test(name) || name === LOCAL) {
    throw new AppError('INVALID_REQUEST', `"${name}" is no name for a context`, {
      hint: 'letters, digits, _ and -, and not "local"',
    });
  }
  const endpoint = parseEndpoint(host);
  const keyFile = flags.keyFile === undefined ? null : resolve(this.cwd, flags.keyFile);
  change(this, ({ current, named }) => ({
    current,
    named: [...named.filter((each) => each.name !== name), { name, host, keyFile }],
  }));
  this.err.line(
    `${name} is ${showEndpoint(endpoint)}; use it with "-H ${name}", or always: drover context use ${name}`,
  );
}

export async function use(this: CliContext, _flags: object, name: string): Promise<void> {
  change(this, ({ named }) => {
    if (name !== LOCAL && !named.some((each) => each.name === name)) throw unknown(name);
    return { current: name === LOCAL ? null : name, named };
  });
  this.err.line(
    name === LOCAL ? 'commands talk to this machine' : `commands talk to ${name}; "-H local" is this machine`,
  );
}

export async function rm(this: CliContext, _flags: object, name: string): Promise<void> {
  change(this, ({ current, named }) => {
    if (!named.some((each) => each.name === name)) throw unknown(name);
    return { current: current === name ? null : current, named: named.filter((each) => each.name !== name) };
  });
}

function change({ paths }: CliContext, step: (contexts: Contexts) => Contexts): void {
  writeFileAtomic(paths.contextsFile, contextsText(step(loadContexts(paths.contextsFile))));
}

function unknown(name: string): AppError {
  return new AppError('NOT_FOUND', `there is no context "${name}"`, { hint: 'run "drover context ls"' });
}
