/** Finds out what a task with `cache: inputs` is made of: what it runs, the files it reads, and what its parents made. */

import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { loadPlanFolder, renderTask } from '../../plans/index.ts';
import type { CompiledNode, RenderedTask } from '../../plans/index.ts';
import { decodeJson, resultsOfBatch, resultsOfItems } from '../../store/index.ts';
import type { CachedResult, Store } from '../../store/index.ts';
import type { ActiveBatch } from '../active-batch.ts';
import type { Known } from '../known.ts';
import { parentsOfItem } from '../templates/pairing.ts';
import type { FileHashes } from './file-hashes.ts';
import type { Gathered } from './checked.ts';
import { hashOf } from './inputs.ts';

interface GatherDeps {
  readonly store: Store;
  readonly files: FileHashes;
  /** What names the content of a model; null when it is not known. */
  readonly modelDigest: (model: string) => Promise<string | null>;
}

/** Gathers for tasks of one batch; what several of them share is looked at once. */
export function createGathering(batch: ActiveBatch, { store, files, modelDigest }: GatherDeps) {
  const { plan, builtins } = batch;
  /** The places of every batch, so that two batches give one text; no text has these by chance. */
  const anyBatch = { ...builtins, batchId: 'THIS-BATCH', batchPath: '/THIS-BATCH' };
  const scripts = once(() => loadScripts(builtins.planPath));
  const ofTemplate = new Map<string, Promise<string>>();

  function render(node: CompiledNode, item: Known['item']): RenderedTask | null {
    const result = renderTask({ plan, node, builtins: anyBatch, ...(item ? { item } : {}) });
    return result.kind === 'rendered' ? result.task : null;
  }

  /** A path of any batch in this one. */
  function placeOf(path: string): string {
    const { batchPath, batchId } = builtins;
    const here = path.replaceAll(anyBatch.batchPath, batchPath).replaceAll(anyBatch.batchId, batchId);
    return resolve(batchPath, here);
  }

  async function fileInputs(task: RenderedTask): Promise<[string, string][]> {
    const entries = readFiles(task).map(async (path): Promise<[string, string]> => {
      const seen = await files.hash(placeOf(path));
      return [path, seen?.hash ?? 'missing'];
    });
    return Promise.all(entries);
  }

  async function scriptInputs(command: string): Promise<[string, string][]> {
    const named = await namedScripts(await scripts(), command);
    return Promise.all(
      named.map(async (script): Promise<[string, string]> => {
        const seen = await files.hash(join(builtins.planPath, script));
        return [script, seen?.hash ?? 'missing'];
      }),
    );
  }

  /** What the tasks it waits for have made: as recorded, or as it lies there. */
  async function parentInputs({ node, item }: Known): Promise<[string, string][]> {
    const pairs = item ? parentsOfItem({ node, batch }, item) : [];
    const made =
      pairs.length === 0 ? new Map<string, CachedResult>() : await loadResults(pairs.map(({ name }) => name));
    const entries = pairs.map(({ name }): [string, string] => [`what ${name} made`, productsOf(made.get(name))]);
    for (const { on, perItem } of node.deps) {
      const parent = batch.nodes.get(on);
      if (perItem === undefined && parent) entries.push([`what ${on} made`, await madeBy(parent)]);
    }
    return entries;
  }

  function loadResults(names: readonly string[]): Promise<ReadonlyMap<string, CachedResult>> {
    return store.read((db) => resultsOfBatch(db, batch.id, names));
  }

  function madeBy(parent: CompiledNode): Promise<string> {
    const found = ofTemplate.get(parent.name) ?? hashProducts(parent);
    ofTemplate.set(parent.name, found);
    return found;
  }

  async function hashProducts(parent: CompiledNode): Promise<string> {
    if (parent.kind === 'template') {
      const rows = await store.read((db) => resultsOfItems(db, batch.id, parent.name));
      return hashOf(rows.map((row) => `${row.task} ${productsOf(row)}\n`).join(''));
    }
    const paths = render(parent, null)?.produces ?? [];
    const hashes = await Promise.all(paths.map((path) => files.hash(placeOf(path))));
    return hashOf(hashes.map((seen) => seen?.hash ?? 'missing').join(' '));
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
      ...(await parentInputs(known)),
      ...(task.model === undefined ? [] : [[`model ${task.model}`, (await modelDigest(task.model)) ?? 'unknown']]),
    ] as const;
    const products = task.produces.map((name) => ({ name, path: placeOf(name) }));
    return { inputs: Object.fromEntries(entries), products };
  };
}

function productsOf(row: CachedResult | undefined): string {
  if (row === undefined) return 'unknown';
  const products = decodeJson<readonly { readonly name: string; readonly hash: string }[]>(row.products);
  return hashOf(products.map(({ name, hash }) => `${name} ${hash}\n`).join(''));
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

interface Script {
  readonly path: string;
  readonly text: string;
}

/** Files of the plan's version. */
async function loadScripts(planPath: string): Promise<readonly Script[]> {
  const folder = await loadPlanFolder(planPath);
  if (folder.kind === 'missing') return [];
  return Promise.all(
    folder.files.map(async (path) => ({ path, text: await readFile(join(planPath, path), 'utf8').catch(() => '') })),
  );
}

/** Those that the command names, and those that these name in turn. */
async function namedScripts(scripts: readonly Script[], command: string): Promise<string[]> {
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
