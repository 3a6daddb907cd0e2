/** `drover config …`: the configs of instances and the settings of the daemon, without a daemon. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import type { LoadedInstance } from '../../../config/instances/instance-config.ts';
import type { ConfigProblem } from '../../../config/reading/problem.ts';
import { AppError } from '../../../contract/errors.ts';
import { EXIT } from '../../../contract/exit-codes.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { renderTable } from '../../table.ts';

interface JsonFlag {
  readonly json: boolean;
}

export async function validate(this: CliContext, flags: JsonFlag, target: string): Promise<void> {
  const { instanceProblems } = await import('../instances/instance-problems.ts');
  const loaded = await load(this, target);
  if (loaded.kind === 'absent') throw notFound(target, loaded.file);
  const problems = await instanceProblems(this, loaded);
  const valid = problems.every(({ severity }) => severity !== 'error');
  if (flags.json) printJson(this, { file: loaded.file, valid, problems });
  else await showProblems(this, problems);
  if (!valid) return this.end(EXIT.failed);
  if (!flags.json) this.out.line(`${loaded.file}: valid`);
}

/** A path, or the name of an instance of this home. */
async function load({ cwd, paths }: CliContext, target: string): Promise<LoadedInstance> {
  const { folderNameOf, loadInstance, loadInstanceFile } = await import('../../../config/index.ts');
  const path = resolve(cwd, target);
  const isPath = target.includes('/') || target.endsWith('.json') || existsSync(path);
  return isPath ? loadInstanceFile(path, folderNameOf(path)) : loadInstance(paths.home, target);
}

function notFound(target: string, file: string): AppError {
  return new AppError('INSTANCE_NOT_FOUND', `there is no config at ${file}`, {
    hint: `give the path of a config.json, or make one: "drover init ${target}"`,
  });
}

async function showProblems(context: CliContext, problems: readonly ConfigProblem[]): Promise<void> {
  const { formatProblem } = await import('../../../config/index.ts');
  for (const problem of problems) context.err.line(formatProblem(problem));
}

export async function schema(this: CliContext, _flags: object, name: string = 'instance'): Promise<void> {
  const { jsonSchemaOf, SCHEMA_NAMES } = await import('../../../config/index.ts');
  const known = SCHEMA_NAMES.find((each) => each === name);
  if (known !== undefined) return printJson(this, jsonSchemaOf(known));
  throw new AppError('INVALID_REQUEST', `there is no schema "${name}"`, { hint: `write ${SCHEMA_NAMES.join(' or ')}` });
}

/** Every instance, and the settings of the daemon. */
export async function lint(this: CliContext, flags: JsonFlag): Promise<void> {
  const { listInstanceNames, loadInstance, loadSettings } = await import('../../../config/index.ts');
  const { instanceProblems } = await import('../instances/instance-problems.ts');
  const settings = loadSettings({ home: this.paths.home, env: this.env });
  const found: ConfigProblem[] = settings.kind === 'invalid' ? [...settings.problems] : await brainProblems(this);
  for (const name of listInstanceNames(this.paths.home)) {
    found.push(...(await instanceProblems(this, loadInstance(this.paths.home, name))));
  }
  if (flags.json) printJson(this, found);
  else if (found.length === 0) this.out.line('no problems');
  else this.out.write(problemTable(found));
  if (found.some(({ severity }) => severity === 'error')) this.end(EXIT.failed);
}

/** Cards may come later: a warning, and until then what ran before goes on. */
async function brainProblems(context: CliContext): Promise<ConfigProblem[]> {
  const { brainDeviceProblem } = await import('../../brain-devices.ts');
  const { detectDevices } = await import('../../host-devices.ts');
  const message = await brainDeviceProblem(context, await detectDevices(context));
  const hint = 'drover config set brain model=MODEL,devices=ID; drover daemon restart';
  return message === null
    ? []
    : [{ file: context.paths.configFile, path: 'brain', message, hint, severity: 'warning' }];
}

function problemTable(problems: readonly ConfigProblem[]): string {
  return renderTable<ConfigProblem>(
    [
      { title: 'SEVERITY', cell: ({ severity }) => severity },
      { title: 'FILE', cell: ({ file }) => file },
      { title: 'PATH', cell: ({ path }) => path },
      { title: 'PROBLEM', cell: ({ message }) => message },
      { title: 'HINT', cell: ({ hint }) => hint ?? '' },
    ],
    problems,
  );
}

export async function show(this: CliContext, flags: JsonFlag & { readonly origin: boolean }): Promise<void> {
  const { loadSettings, SETTING_NAMES, SETTINGS } = await import('../../../config/index.ts');
  const { settingToText } = await import('../../../config/settings/edit-settings.ts');
  const loaded = loadSettings({ home: this.paths.home, env: this.env });
  if (loaded.kind === 'invalid') {
    await showProblems(this, loaded.problems);
    return this.end(EXIT.invalidFile);
  }
  const rows = SETTING_NAMES.map((name) => ({
    key: SETTINGS[name].key,
    text: settingToText(name, loaded.settings[name]),
    value: loaded.settings[name],
    origin: loaded.origins[name],
  }));
  if (flags.json)
    return printJson(
      this,
      Object.fromEntries(rows.map(({ key, value, origin }) => [key, flags.origin ? { value, origin } : value])),
    );
  this.out.write(
    renderTable(
      [
        { title: 'SETTING', cell: ({ key }) => key },
        { title: 'VALUE', cell: ({ text }) => text },
        ...(flags.origin ? [{ title: 'ORIGIN', cell: ({ origin }: { origin: string }) => origin }] : []),
      ],
      rows,
    ),
  );
}
