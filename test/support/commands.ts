/** The commands of the command line, walked in its route tables. */

import type { Command, RouteMap } from '@stricli/core';

import type { CliContext } from '../../src/cli/context.ts';
import { root } from '../../src/cli/routes/root.ts';

export interface KnownCommand {
  /** Such as `batch show`. */
  readonly name: string;
  /** As they are typed, without the dashes. */
  readonly flags: readonly string[];
}

export function commandsOf(): readonly KnownCommand[] {
  return walk(root, []);
}

function walk(target: Command<CliContext> | RouteMap<CliContext>, path: readonly string[]): readonly KnownCommand[] {
  if ('getAllEntries' in target) {
    return target
      .getAllEntries()
      .flatMap((entry) => walk(entry.target, [...path, entry.name['convert-camel-to-kebab']]));
  }
  const flags = Object.keys(target.parameters.flags ?? {}).map((flag) =>
    flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  );
  return [{ name: path.join(' '), flags }];
}

/** What there is in the house for commands to be asked about. */
export interface Known {
  readonly instance: string;
  readonly batch: string;
  /** Of that batch. */
  readonly task: string;
}

/** Commands that take `--json` and change or measure something, go on without an end, or ask for what is not there. */
const NOT_READING: ReadonlySet<string> = new Set([
  'models demo',
  'models register',
  'models import',
  'models pull',
  'models download',
  'models copy',
  'models verify',
  'models prune',
  'models test',
  'models drain',
  'models reload',
  'models purge',
  'worker spawn',
  'worker stop',
  'worker stop-all',
  'queue cancel',
  'submit',
  'batch kill',
  'batch pause',
  'batch resume',
  'batch retry',
  'batch watch',
  'batch export',
  'task signal',
  'devices signal',
  'devices roles',
  'devices reserve',
  'devices quarantine',
  'devices release',
  'devices monitor',
  'bench model',
  'bench suitability',
  'bench device',
  'escalations show',
  'escalations answer',
  'key create',
  'key rotate',
  'key revoke',
  'requests show',
  'requests cancel',
  'infer',
  'config set',
  'config unset',
  'daemon start',
  'daemon restart',
  'daemon run',
  'daemon stop',
  'daemon reload',
  'daemon install',
  'daemon uninstall',
  'install-service',
]);

/** Every command that reads, with `--json` and with what it is asked about. */
export function readingCommands(commands: readonly KnownCommand[], known: Known): readonly (readonly string[])[] {
  return commands
    .filter(({ name, flags }) => flags.includes('json') && !NOT_READING.has(name))
    .map(({ name }) => [...name.split(' '), ...argumentsOf(name, known), '--json']);
}

function argumentsOf(name: string, { instance, batch, task }: Known): readonly string[] {
  switch (name) {
    case 'health':
    case 'describe':
    case 'config validate':
      return [instance];
    case 'models info':
    case 'models health':
      return ['demo'];
    case 'devices suggest':
      return ['--model', 'demo'];
    case 'engine info':
      return ['embedded'];
    case 'config get':
      return ['port'];
    case 'plan lint':
    case 'plan dry-run':
      return ['examples/plans/library'];
    case 'plan history':
      return ['words'];
    case 'policy check':
      return ['true'];
    case 'batch show':
    case 'batch summary':
      return [batch];
    case 'watch':
      return ['--once'];
    case 'why':
    case 'task show':
      return [`${batch}/${task}`];
    case 'task ls':
      return ['--batch', batch];
    default:
      return [];
  }
}
