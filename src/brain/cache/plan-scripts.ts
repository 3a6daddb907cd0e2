/** The scripts of a plan that a command runs: those that it names, and those that these name in turn. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { loadPlanFolder } from '../../plans/index.ts';

export interface Script {
  /** In the plan's folder. */
  readonly path: string;
  readonly text: string;
}

/** All files of the plan's version; none when its folder is gone. */
export async function loadScripts(planPath: string): Promise<readonly Script[]> {
  const folder = await loadPlanFolder(planPath);
  if (folder.kind === 'missing') return [];
  return Promise.all(
    folder.files.map(async (path) => ({ path, text: await readFile(join(planPath, path), 'utf8').catch(() => '') })),
  );
}

/** Their paths, sorted. A script is named where the name of its file stands. */
export function namedScripts(scripts: readonly Script[], command: string): string[] {
  const named = new Set<Script>();
  const texts = [command];
  for (let text = texts.pop(); text !== undefined; text = texts.pop()) {
    for (const script of scripts) {
      const name = script.path.slice(script.path.lastIndexOf('/') + 1);
      if (named.has(script) || !text.includes(name)) continue;
      named.add(script);
      texts.push(script.text);
    }
  }
  return [...named].map(({ path }) => path).toSorted();
}
