/** `drover config get`, `set` and `unset`: one setting of the daemon, read, or written to `$DROVER_HOME/config.json`. */

import type { ConfigProblem } from '../../../config/reading/problem.ts';
import type { SettingName } from '../../../config/settings/settings.ts';
import { AppError } from '../../../contract/errors.ts';
import { writeFileAtomic } from '../../../kernel/files.ts';
import { lockHolder } from '../../../kernel/lock.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';

interface JsonFlag {
  readonly json: boolean;
}

export async function get(this: CliContext, flags: JsonFlag, key: string): Promise<void> {
  const { loadSettings } = await import('../../../config/index.ts');
  const { settingNamed, settingToText } = await import('../../../config/settings/edit-settings.ts');
  const name = settingNamed(key);
  const loaded = loadSettings({ home: this.paths.home, env: this.env });
  if (loaded.kind === 'invalid') throw await invalidSettings(loaded.problems);
  const value = loaded.settings[name];
  if (flags.json) return printJson(this, { key, value, origin: loaded.origins[name] });
  this.out.line(settingToText(name, value));
}

export async function set(this: CliContext, flags: JsonFlag, key: string, text: string): Promise<void> {
  const { settingNamed } = await import('../../../config/settings/edit-settings.ts');
  const name = settingNamed(key);
  if (name === 'bind') await assertKeyed(this, text);
  const value = await storeSetting(this, key, text);
  await tellChange(this, flags, name, value);
  if (name === 'brain') await tellWhatLacks(this);
}

/** Back to its default, or to what the environment says. */
export async function unset(this: CliContext, flags: JsonFlag, key: string): Promise<void> {
  const { loadSettings } = await import('../../../config/index.ts');
  const { settingNamed, settingToText } = await import('../../../config/settings/edit-settings.ts');
  const name = settingNamed(key);
  await editSettings(this, (settings) =>
    Object.fromEntries(Object.entries(settings).filter(([other]) => other !== key)),
  );
  const loaded = loadSettings({ home: this.paths.home, env: this.env });
  if (loaded.kind === 'invalid') throw await invalidSettings(loaded.problems);
  await tellChange(this, flags, name, settingToText(name, loaded.settings[name]));
}

async function tellChange(context: CliContext, { json }: JsonFlag, name: SettingName, value: unknown): Promise<void> {
  const { SETTINGS } = await import('../../../config/settings/settings.ts');
  const { key } = SETTINGS[name];
  const effect = await takeEffect(context, name);
  if (json) printJson(context, { key, value, applied: effect === 'applied', needs_restart: effect === 'restart' });
  else context.out.line(`${key} = ${String(value)}${EFFECTS[effect]}`);
  if (effect === 'restart') context.err.line('the running daemon keeps its value until: drover daemon restart');
  await tellWhatStands(context, name);
}

/** A running daemon knows whether there is a key; one that does not run says it at its start. Rejects with CONFIG_INVALID. */
async function assertKeyed(context: CliContext, bind: string): Promise<void> {
  const { keylessDoor } = await import('../../../config/index.ts');
  const { hasActiveKey } = await import('../../active-key.ts');
  const error = keylessDoor(bind.trim());
  if (error !== null && (await hasActiveKey(context)) === false) throw error;
}

/** What a running daemon makes of the new value; `none` when nothing runs that has read it. */
type Effect = 'none' | 'applied' | 'restart';

const EFFECTS: Readonly<Record<Effect, string>> = { none: '', applied: '  (applied)', restart: '  (needs restart)' };

async function takeEffect({ paths, quietClient }: CliContext, name: SettingName): Promise<Effect> {
  const { SETTINGS } = await import('../../../config/settings/settings.ts');
  const { counts, key } = SETTINGS[name];
  if (counts === 'next-command' || lockHolder(paths.controllerLock) === null) return 'none';
  if (counts === 'after-restart') return 'restart';
  try {
    const { applied } = await quietClient.reloadDaemon();
    return applied.includes(key) ? 'applied' : 'none';
  } catch {
    return 'restart'; // it does not answer, or cannot read the file: it has the value after its next start
  }
}

/** Writes it to `config.json`, and answers it as it stands there. Rejects when the text or the file is not valid. */
export async function storeSetting(context: CliContext, key: string, text: string) {
  const { settingFromText, settingNamed } = await import('../../../config/settings/edit-settings.ts');
  const value = settingFromText(settingNamed(key), text);
  await editSettings(context, (settings) => ({ ...settings, [key]: value }));
  return value;
}

type FileSettings = Readonly<Record<string, unknown>>;

async function editSettings({ paths }: CliContext, edit: (settings: FileSettings) => FileSettings): Promise<void> {
  const { readJsonFile, SCHEMA_REFERENCES, writeSchema } = await import('../../../config/index.ts');
  const read = readJsonFile(paths.configFile);
  if (read.kind === 'broken') throw await invalidSettings(read.problems);
  const before = read.kind === 'read' ? read.value : { $schema: SCHEMA_REFERENCES.daemon };
  writeSchema(paths.home, 'daemon');
  writeFileAtomic(paths.configFile, `${JSON.stringify(edit(before), null, 2)}\n`);
}

/** What else keeps the new value from counting: a variable above it, or a mistake beside it. */
async function tellWhatStands({ paths, env, err }: CliContext, name: SettingName): Promise<void> {
  const { formatProblem, loadSettings, SETTINGS } = await import('../../../config/index.ts');
  const loaded = loadSettings({ home: paths.home, env });
  if (loaded.kind === 'invalid') for (const problem of loaded.problems) err.line(formatProblem(problem));
  else if (loaded.origins[name] === 'environment') err.line(`warning: ${SETTINGS[name].env} overrides it here`);
}

/** Cards may come later, so it is no mistake; until then the brain has no model. */
async function tellWhatLacks(context: CliContext): Promise<void> {
  const { brainDeviceProblem } = await import('../../brain-devices.ts');
  const { detectDevices } = await import('../../host-devices.ts');
  const problem = await brainDeviceProblem(context, await detectDevices(context));
  if (problem !== null) context.err.line(`warning: ${problem}; until there is, the brain has no model`);
}

async function invalidSettings(problems: readonly ConfigProblem[]): Promise<AppError> {
  const { formatProblem } = await import('../../../config/index.ts');
  const [first] = problems;
  return new AppError('CONFIG_INVALID', first ? formatProblem({ ...first, hint: null }) : 'the settings are invalid', {
    hint: first?.hint ?? 'run "drover config lint"',
    detail: { problems },
  });
}
