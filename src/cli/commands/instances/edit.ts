/** `drover edit` and `drover clone`: change the config of an instance in an editor, or take it for a new one. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';

import type { LoadedInstance } from '../../../config/instances/instance-config.ts';
import { AppError } from '../../../contract/errors.ts';
import type { InstanceConfigInput } from '../../../contract/instance-config.ts';
import { readFileIfExists, removeFile, writeFileAtomic } from '../../../kernel/files.ts';
import type { CliContext } from '../../context.ts';

/** The editor gets a copy: the daemon never reads a config that is half edited. */
export async function edit(this: CliContext, _flags: object, name: string): Promise<void> {
  const { instanceConfigFile } = await import('../../../config/index.ts');
  const file = instanceConfigFile(this.paths.home, name);
  const before = readFileIfExists(file);
  if (before === null) throw await unknownInstance(this, name);
  const copy = join(dirname(file), 'config.edit.json');
  writeFileAtomic(copy, before);
  try {
    const outcome = await editUntilDecided(this, { name, file, copy, before });
    this.out.line(outcome === 'unchanged' ? `${file}: unchanged` : `${file}: saved`);
    if (outcome === 'saved') this.err.line(`when it runs, it needs: drover restart ${name}`);
  } finally {
    removeFile(copy);
  }
}

interface Editing {
  readonly name: string;
  readonly file: string;
  readonly copy: string;
  readonly before: string;
}

async function editUntilDecided(context: CliContext, editing: Editing): Promise<'saved' | 'unchanged'> {
  const { folderNameOf, formatProblem, parseInstanceConfig } = await import('../../../config/index.ts');
  const { file, copy, before } = editing;
  for (;;) {
    await runEditor(context, copy);
    const after = readFileIfExists(copy) ?? before;
    if (after === before) return 'unchanged';
    const loaded = parseInstanceConfig(file, Buffer.from(after), folderNameOf(file));
    if (loaded.kind !== 'invalid') return save(editing);
    for (const problem of loaded.problems) context.err.line(formatProblem(problem));
    const answer = await askWhatNow(context);
    if (answer === 'keep') return save(editing);
    if (answer === 'revert') throw rejected(editing, loaded);
  }
}

function save({ file, copy }: Editing): 'saved' {
  renameSync(copy, file);
  return 'saved';
}

/** What was typed is not lost: it lies beside the config. */
function rejected({ file, copy, name }: Editing, loaded: Extract<LoadedInstance, { kind: 'invalid' }>): AppError {
  const kept = join(dirname(file), 'config.rejected.json');
  renameSync(copy, kept);
  return new AppError('CONFIG_INVALID', `${file} is as it was; the edited text is invalid and lies in ${kept}`, {
    hint: `mend and copy it, or run "drover edit ${name}" again`,
    detail: { problems: loaded.problems.slice(0, 1) },
  });
}

async function runEditor({ env, signal }: CliContext, file: string): Promise<void> {
  const editor = env['VISUAL'] || env['EDITOR'] || 'vi';
  // An editor may come with flags of its own: the shell splits them, and gets the file as one word.
  const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'drover-edit', file], { stdio: 'inherit', env, signal });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code === 0) return;
  throw new AppError(
    'INVALID_REQUEST',
    `the editor "${editor}" ended with ${code ?? 'a signal'}; nothing was changed`,
    {
      hint: 'set EDITOR to an editor of this machine',
    },
  );
}

/** Without somebody to ask, the config stays as it was. */
async function askWhatNow({ err, signal }: CliContext): Promise<'keep' | 'revert' | 'again'> {
  if (!err.isTerminal || !process.stdin.isTTY) return 'revert';
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question('[e]dit again, [k]eep it as it is, or [r]evert? ', { signal });
    if (/^k/i.test(answer)) return 'keep';
    return /^r/i.test(answer) ? 'revert' : 'again';
  } finally {
    lines.close();
  }
}

/** The copy gets no fixed port: two instances cannot have the same. */
export async function clone(this: CliContext, _flags: object, name: string, next: string): Promise<void> {
  const { assertInstanceName, instanceConfigFile, loadInstance, readJsonFile, saveInstanceConfig } =
    await import('../../../config/index.ts');
  const loaded = loadInstance(this.paths.home, name);
  if (loaded.kind === 'absent') throw await unknownInstance(this, name);
  assertInstanceName(next);
  const file = instanceConfigFile(this.paths.home, next);
  if (existsSync(file)) throw new AppError('INSTANCE_EXISTS', `${file} exists`, { hint: 'choose another name' });
  const read = readJsonFile(loaded.file);
  // Read a moment ago by the schema, and what is written is read once more.
  const source = (read.kind === 'read' ? read.value : {}) as InstanceConfigInput;
  if (loaded.kind === 'invalid') throw cannotClone(name, loaded);
  const { port, ...server } = source.server ?? {};
  saveInstanceConfig(this.paths.home, next, { ...source, name: next, ...(source.server ? { server } : {}) });
  this.out.line(file);
  if (port !== undefined) this.err.line(`note: port ${port} stays with ${name}; ${next} gets the next that is free`);
  this.err.line(`next: drover up ${next}`);
}

function cannotClone(name: string, { problems }: Extract<LoadedInstance, { kind: 'invalid' }>): AppError {
  const [first] = problems;
  return new AppError('CONFIG_INVALID', `${first?.file}: ${first?.path}: ${first?.message}`, {
    hint: first?.hint ?? `run "drover config validate ${name}"`,
    detail: { problems },
  });
}

async function unknownInstance({ paths }: CliContext, name: string): Promise<AppError> {
  const { listInstanceNames } = await import('../../../config/index.ts');
  const { didYouMean } = await import('../../../kernel/nearest.ts');
  return new AppError('INSTANCE_NOT_FOUND', `no instance is named "${name}"`, {
    hint: didYouMean(name, listInstanceNames(paths.home)) ?? `make one: "drover init ${name}"`,
  });
}
