/** Has the brain judge what an attempt has made: reads excerpts of its products and asks. Decides nothing. */

import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { renderTask } from '../../plans/index.ts';
import type { CompiledNode } from '../../plans/index.ts';
import type { ActiveBatch } from '../active-batch.ts';
import { attemptDir } from '../active-batch.ts';
import type { BrainModel } from '../asking/brain-model.ts';
import type { Known } from '../known.ts';
import { keyOf } from '../turn/turn.ts';
import { judgementOf, questionAbout } from './judgement.ts';
import type { Judgement } from './judgement.ts';

const MOST_PRODUCTS = 3;
const EXCERPT_BYTES = 8 * 1024;

/** Never rejects. */
export async function judgeAttempt(known: Known, model: BrainModel, signal: AbortSignal): Promise<Judgement> {
  const { batch, node, name } = known;
  const places = productsOf(known).slice(0, MOST_PRODUCTS);
  const stdout = { name: 'stdout', path: join(attemptDir(batch, name, known.task.attempt), 'stdout') };
  const products = await Promise.all(
    (places.length > 0 ? places : [stdout]).map(async ({ name: title, path }) => {
      return { name: title, excerpt: await excerptOf(path) };
    }),
  );
  const { objective } = batch.plan;
  return judgementOf(
    await model.ask(
      questionAbout({ about: keyOf(known), objective, assignment: assignmentOf(node), products }, signal),
    ),
  );
}

function productsOf({ batch, node, item }: Known): { readonly name: string; readonly path: string }[] {
  const { plan, builtins } = batch satisfies ActiveBatch;
  const rendered = renderTask({ plan, node, builtins, ...(item ? { item } : {}) });
  if (rendered.kind === 'unrenderable') return [];
  return rendered.task.produces.map((name) => ({ name, path: resolve(builtins.batchPath, name) }));
}

function assignmentOf(node: CompiledNode): string {
  if (node.type === 'shell') return node.command.text;
  return node.type === 'meta' ? node.action : node.prompt;
}

/** Its beginning and its end. What cannot be read is said in its place. */
async function excerptOf(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const head = await readAt(file, 0, Math.min(size, EXCERPT_BYTES));
      const left = size - EXCERPT_BYTES;
      return left <= 0 ? head : `${head}\n[… ${left} bytes more …]\n${await readAt(file, size - 1_024, 1_024)}`;
    } finally {
      await file.close();
    }
  } catch (error) {
    return `(cannot be read: ${error instanceof Error ? error.message : String(error)})`;
  }
}

async function readAt(file: Awaited<ReturnType<typeof open>>, at: number, bytes: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, at);
  return buffer.toString('utf8', 0, bytesRead);
}
