/** `drover config get` and `config set`: one setting of the daemon, read, or written to `$DROVER_HOME/config.json`. */

import type { ConfigProblem } from '../../config/problem.ts';
import type { SettingName } from '../../config/settings.ts';
import { AppError } from '../../contract/errors.ts';
import { writeFileAtomic } from '../../kernel/files.ts';
import { lockHolder } from '../../kernel/lock.ts';
import { printJson } from '../context.ts';
import type { CliContext } from '../context.ts';

interface JsonFlag {
  readonly json: boolean;
}

export async function get(this: CliContext, flags: JsonFlag, key: string): Promise<void> {
  const { loadSettings } = await import('../../config/index.ts');
  const { settingNamed, settingToText } = await import('../../config/edit-settings.ts');
  const name = settingNamed(key);
  const loaded = loadSettings({ home: this.paths.home, env: this.env });
  if (loaded.kind === 'invalid') throw await invalidSettings(loaded.problems);
  const value = loaded.settings[name];
  if (flags.json) return printJson(this, { key, value, origin: loaded.origins[name] });
  this.out.line(settingToText(name, value));
}

export async function set(this: CliContext, flags: JsonFlag, key: string, text: string): Promise<void> {
  const { readJsonFile } = await import('../../config/index.ts');
  const { needsRestart, settingFromText, settingNamed } = await import('../../config/edit-settings.ts');
  const name = settingNamed(key);
  const value = settingFromText(name, text);
  const file = this.paths.configFile;
  const read = readJsonFile(file);
  if (read.kind === 'broken') throw await invalidSettings(read.problems);
  writeFileAtomic(file, `${JSON.stringify({ ...(read.kind === 'read' ? read.value : {}), [key]: value }, null, 2)}\n`);
  const restart = needsRestart(name) && lockHolder(this.paths.controllerLock) !== null;
  if (flags.json) printJson(this, { key, value, needs_restart: restart });
  else this.out.line(`${key} = ${String(value)}${restart ? '  (needs restart)' : ''}`);
  if (restart) this.err.line('the running daemon keeps its value until: drover daemon restart');
  await tellWhatStands(this, name);
}

/** What else keeps the new value from counting: a variable above it, or a mistake beside it. */
async function tellWhatStands({ paths, env, err }: CliContext, name: SettingName): Promise<void> {
  const { formatProblem, loadSettings, SETTINGS } = await import('../../config/index.ts');
  const loaded = loadSettings({ home: paths.home, env });
  if (loaded.kind === 'invalid') for (const problem of loaded.problems) err.line(formatProblem(problem));
  else if (loaded.origins[name] === 'environment') err.line(`warning: ${SETTINGS[name].env} overrides it here`);
}

async function invalidSettings(problems: readonly ConfigProblem[]): Promise<AppError> {
  const { formatProblem } = await import('../../config/index.ts');
  const [first] = problems;
  return new AppError('CONFIG_INVALID', first ? formatProblem({ ...first, hint: null }) : 'the settings are invalid', {
    hint: first?.hint ?? 'run "drover config lint"',
    detail: { problems },
  });
}
