/**
 * What a leased task becomes: its commands with all values in them, and the grant that an agent gets of it. One that
 * cannot be made into a command, or lacks a file that it requires, goes nowhere.
 */

import { statSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Grant } from '../../contract/index.ts';
import { renderTask } from '../../plans/index.ts';
import type { RenderedShellTask, RenderedTask } from '../../plans/index.ts';
import type { SlotLease } from '../../gateway/index.ts';
import { attemptDir } from '../active-batch.ts';
import type { Known } from '../known.ts';
import { attemptEnvironment } from './environment.ts';
import { avoidedOn, timeLimitMs } from './past.ts';
import { refOf } from '../turn/turn.ts';

type Prepared =
  | { readonly kind: 'ready'; readonly task: RenderedTask }
  | { readonly kind: 'impossible'; readonly reason: string };

export function prepare(known: Known): Prepared {
  const { batch, node, item } = known;
  const { plan, builtins } = batch;
  const rendered = renderTask({ plan, node, builtins, ...(item ? { item } : {}) });
  if (rendered.kind === 'unrenderable') return { kind: 'impossible', reason: rendered.reason };
  const missing = rendered.task.requires.find((path) => !isThere(resolve(builtins.batchPath, path)));
  if (missing !== undefined) return { kind: 'impossible', reason: `requires ${missing}, which is missing or empty` };
  return { kind: 'ready', task: rendered.task };
}

/** A file with something in it, or a folder. What cannot be looked at counts as missing. */
function isThere(path: string): boolean {
  try {
    const found = statSync(path);
    return found.isDirectory() || found.size > 0;
  } catch {
    return false;
  }
}

export function toGrant(known: Known, rendered: RenderedShellTask, host: string, slot: SlotLease | null): Grant {
  const { batch, node, name, task } = known;
  return {
    attempt: refOf(known),
    taskClass: node.taskClass,
    command: rendered.command,
    cwd: batch.builtins.batchPath,
    dir: attemptDir(batch, name, task.attempt),
    env: attemptEnvironment(batch, rendered.env, task.attempt, slot),
    item: rendered.itemJson ?? null,
    timeoutMs: timeLimitMs(known.past, node.timeoutMs),
    memoryBytes: node.taskClass === 'script' ? task.memoryBytes : 0,
    produces: [...rendered.produces],
    ...(known.charge?.device ? { prefer: known.charge.device } : {}),
    ...termsOf(known, host),
  };
}

/** What the plan says of how it is run. */
function termsOf(
  { node, past, batch, name }: Known,
  host: string,
): Pick<Grant, 'executor' | 'avoid' | 'pausable' | 'sandbox' | 'secrets' | 'approved'> {
  const shell = node.type === 'shell' ? node : null;
  const approved = batch.approvals.flatMap(({ task, command }) => (task === '' || task === name ? [command] : []));
  return {
    executor: node.executor,
    avoid: avoidedOn(past, host),
    pausable: shell?.pausable ?? false,
    sandbox: shell?.sandbox ?? 'none',
    secrets: [...(shell?.secrets ?? [])],
    ...(approved.length === 0 ? {} : { approved }),
  };
}
