/** The version of this installation, from its package.json, read when somebody asks. */

import { readFileSync } from 'node:fs';

import { installedFile } from '../kernel/installation.ts';

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(installedFile('package.json'), 'utf8')) as { version: string };
  return version;
}
