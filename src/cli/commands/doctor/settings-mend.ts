/** What mends settings that cannot be read. Text only. */

import type { ConfigProblem } from '../../../config/index.ts';
import { warning } from './finding.ts';
import type { Finding } from './finding.ts';

const EDITOR = '"${EDITOR:-vi}"';

/** Of a setting that is wrong: the command where it was set. */
export function settingMend({ file, path }: Pick<ConfigProblem, 'file' | 'path'>): string {
  return file === 'environment' ? `unset ${path}` : `${EDITOR} ${file}; drover config lint`;
}

/** What is looked at with the settings at hand. */
export function notLookedAt(check: string, problems: readonly ConfigProblem[]): Finding {
  const [first] = problems;
  const mend = first === undefined ? 'drover config lint' : settingMend(first);
  return warning(check, 'not looked at: the settings cannot be read', mend);
}
