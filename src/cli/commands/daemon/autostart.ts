/** `drover daemon autostart`: the instances that come up with the daemon; listed, edited, or started now. */

import type { AutostartEntry } from '../../../config/autostart-list.ts';
import { AppError, asAppError } from '../../../contract/errors.ts';
import { EXIT } from '../../../contract/exit-codes.ts';
import { writeFileAtomic } from '../../../kernel/files.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { renderError } from '../../errors.ts';
import { renderTable } from '../../table.ts';

const AT_ONCE = 2;

/** All of them, also those that were taken down: here a person asks. */
export async function up(this: CliContext): Promise<void> {
  const { forEachBounded } = await import('../../../kernel/bounded.ts');
  const entries = await load(this);
  if (entries.length === 0) return this.err.line('nothing is listed; add some: drover daemon autostart add NAME');
  await forEachBounded(entries, { atOnce: AT_ONCE, signal: this.signal }, async ({ name }) => {
    try {
      const { status } = await this.client.startInstance(name, { wait: true });
      this.out.line(`${name} is ${status}`);
    } catch (error) {
      if (asAppError(error).code === 'DAEMON_UNREACHABLE') throw error;
      this.err.line(`${name}: ${renderError(error, this.env)}`);
      this.end(EXIT.engineFailed);
    }
  });
}

export async function ls(this: CliContext, flags: { readonly json: boolean }): Promise<void> {
  const entries = await load(this);
  if (flags.json) return printJson(this, entries);
  if (entries.length === 0) return this.err.line('nothing is listed; add some: drover daemon autostart add NAME');
  this.out.write(
    renderTable<AutostartEntry>(
      [
        { title: 'NAME', cell: ({ name }) => name },
        { title: 'LISTED IN', cell: ({ source }) => (source === 'list' ? 'autostart.json' : 'its config') },
      ],
      entries,
    ),
  );
}

export async function add(this: CliContext, _flags: object, ...names: string[]): Promise<void> {
  const { listInstanceNames, loadInstance } = await import('../../../config/index.ts');
  const { didYouMean } = await import('../../../kernel/nearest.ts');
  const { home } = this.paths;
  for (const name of named(names)) {
    if (loadInstance(home, name).kind !== 'absent') continue;
    throw new AppError('INSTANCE_NOT_FOUND', `no instance is named "${name}"`, {
      hint: didYouMean(name, listInstanceNames(home)) ?? `make it: "drover init ${name}"`,
    });
  }
  await save(this, (listed) => [...listed, ...names]);
  this.err.line('they come up with the daemon; now: drover daemon autostart');
}

export async function rm(this: CliContext, _flags: object, ...names: string[]): Promise<void> {
  const entries = await load(this);
  for (const name of named(names)) {
    const entry = entries.find((each) => each.name === name);
    if (entry?.source === 'list') continue;
    throw new AppError('NOT_FOUND', `"${name}" is not in ${this.paths.autostartFile}`, {
      hint: entry ? `its config says so: "drover edit ${name}"` : 'run "drover daemon autostart ls"',
    });
  }
  await save(this, (listed) => listed.filter((name) => !names.includes(name)));
}

async function save(
  { paths, out }: CliContext,
  change: (listed: readonly string[]) => readonly string[],
): Promise<void> {
  const { autostartText, loadAutostartList } = await import('../../../config/autostart-list.ts');
  const names = [...new Set(change(loadAutostartList(paths.home)))];
  writeFileAtomic(paths.autostartFile, autostartText(names));
  out.line(`autostart: ${names.join(', ') || 'nothing'}`);
}

async function load(context: CliContext): Promise<readonly AutostartEntry[]> {
  const { loadAutostart } = await import('../../../config/autostart-list.ts');
  return loadAutostart(context.paths.home);
}

function named(names: readonly string[]): readonly string[] {
  if (names.length > 0) return names;
  throw new AppError('INVALID_REQUEST', 'no instance is named', { hint: '"drover ps" lists them' });
}
