/** The settings as the doctor needs them, and what mends them when they cannot be read. */

import type { loadSettings } from '../../../config/index.ts';
import type { ConfigProblem } from '../../../config/index.ts';
import type { CliContext } from '../../context.ts';
import { warning } from './finding.ts';
import type { Finding } from './finding.ts';
import { editFile } from './mends.ts';

type SettingsResult = ReturnType<typeof loadSettings>;
export type LoadedSettings = Extract<SettingsResult, { readonly kind: 'loaded' }>;

export async function settingsOf({ paths, env }: CliContext): Promise<SettingsResult> {
  const { loadSettings } = await import('../../../config/index.ts');
  return loadSettings({ home: paths.home, env });
}

/** Of a setting that is wrong: the command where it was set. */
export function settingMend({ file, path }: Pick<ConfigProblem, 'file' | 'path'>): string {
  return file === 'environment' ? `unset ${path}` : `${editFile(file)}; drover config lint`;
}

/** What is looked at with the settings at hand. */
export function notLookedAt(check: string, problems: readonly ConfigProblem[]): Finding {
  const [first] = problems;
  const mend = first === undefined ? 'drover config lint' : settingMend(first);
  return warning(check, 'not looked at: the settings cannot be read', mend);
}
