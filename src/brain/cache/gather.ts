/** Finds out what a task with `cache: inputs` is made of: what it runs, the files it reads, and what its parents made. */

import { join } from 'node:path';

import type { RenderedTask } from '../../plans/index.ts';
import type { Store } from '../../store/index.ts';
import type { ActiveBatch } from '../active-batch.ts';
import type { Known } from '../known.ts';
import { anyBatch } from './any-batch.ts';
import type { FileHashes } from './file-hashes.ts';
import type { Gathered } from './checked.ts';
import { hashOf } from './inputs.ts';
import { createParentsMade } from './parents-made.ts';
import { loadScripts, namedScripts } from './plan-scripts.ts';

interface GatherDeps {
  readonly store: Store;
  readonly files: FileHashes;
  /** What names the content of a model; null when it is not known. */
  readonly modelDigest: (model: string) => Promise<string | null>;
}

/** Gathers for tasks of one batch; what several of them share is looked at once. */
export function createGathering(batch: ActiveBatch, { store, files, modelDigest }: GatherDeps) {
  const { planPath } = batch.builtins;
  const { render, placeOf } = anyBatch(batch);
  const scripts = once(() => loadScripts(planPath));
  const parentsMade = createParentsMade(batch, { store, files, render, placeOf });

  async function fileInputs(task: RenderedTask): Promise<[string, string][]> {
    const entries = readFiles(task).map(async (path): Promise<[string, string]> => {
      const seen = await files.hash(placeOf(path));
      return [path, seen?.hash ?? 'missing'];
    });
    return Promise.all(entries);
  }

  async function scriptInputs(command: string): Promise<[string, string][]> {
    const named = namedScripts(await scripts(), command);
    return Promise.all(
      named.map(async (script): Promise<[string, string]> => {
        const seen = await files.hash(join(planPath, script));
        return [script, seen?.hash ?? 'missing'];
      }),
    );
  }

  return async function gather(known: Known): Promise<Gathered | null> {
    const { node, item } = known;
    const task = render(node, item);
    if (!task) return null;
    const command = textOf(task);
    const entries = [
      ['command', hashOf(command)],
      ['environment', hashOf(JSON.stringify(environmentOf(task)))],
      ['item', hashOf(task.itemJson ?? '')],
      ...(await fileInputs(task)),
      ...(task.type === 'shell' ? await scriptInputs(command) : []),
      ...(await parentsMade(known)),
      ...(task.model === undefined ? [] : [[`model ${task.model}`, (await modelDigest(task.model)) ?? 'unknown']]),
    ] as const;
    const products = task.produces.map((name) => ({ name, path: placeOf(name) }));
    return { inputs: Object.fromEntries(entries), products };
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}

function readFiles(task: RenderedTask): readonly string[] {
  if (task.type === 'shell' || task.type === 'meta') return task.requires;
  const schema = task.type === 'parse' && task.schema.kind === 'file' ? [task.schema.path] : [];
  return [...task.requires, ...task.input, ...schema];
}

/** The item's own values are an input of their own. */
function environmentOf({ env }: RenderedTask): [string, string][] {
  return Object.entries(env).filter(([name]) => !name.startsWith('DROVER_ITEM'));
}

function textOf(task: RenderedTask): string {
  switch (task.type) {
    case 'shell':
      return task.command;
    case 'meta':
      return `${task.action} ${task.model}`;
    default:
      return JSON.stringify({ ...task, env: null, itemJson: null, requires: null, input: null, name: null });
  }
}
