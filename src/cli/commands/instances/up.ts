/** `drover up` and `drover restart`: start instances and wait until each is ready, telling what goes on meanwhile. */

import type { Client } from '../../../client/index.ts';
import { formatDuration } from '../../../contract/durations.ts';
import { AppError } from '../../../contract/errors.ts';
import type { FactData, FactView } from '../../../contract/facts.ts';
import type { InstanceView } from '../../../contract/instance-views.ts';
import type { CliContext } from '../../context.ts';
import { createProgress } from '../../progress.ts';
import type { Progress } from '../../progress.ts';
import { forEachInstance, instanceNames } from './instance-names.ts';

interface UpFlags {
  readonly all: boolean;
  readonly wait: boolean;
  readonly timeout?: number;
}

export function up(this: CliContext, flags: UpFlags, ...names: string[]): Promise<void> {
  return bringUp(this, flags, names, (name) =>
    this.client.startInstance(name, { wait: flags.wait, timeoutMs: flags.timeout }),
  );
}

export function restart(this: CliContext, flags: UpFlags, ...names: string[]): Promise<void> {
  return bringUp(this, flags, names, (name) =>
    this.client.restartInstance(name, { wait: flags.wait, timeoutMs: flags.timeout }),
  );
}

async function bringUp(
  context: CliContext,
  flags: UpFlags,
  names: readonly string[],
  start: (name: string) => Promise<InstanceView>,
): Promise<void> {
  const wanted = await instanceNames(context, names, flags);
  using progress = createProgress(context.err, context.clock);
  using _phases = flags.wait ? await followPhases(context.client, wanted, progress, context.signal) : null;
  await forEachInstance(context, wanted, (name) => bringOneUp(context, name, flags, start, progress));
}

async function bringOneUp(
  { clock, out }: CliContext,
  name: string,
  flags: UpFlags,
  start: (name: string) => Promise<InstanceView>,
  progress: Progress,
): Promise<void> {
  const since = clock.monotonic();
  if (flags.wait) progress.expect(name, 'starting');
  try {
    const view = await start(name);
    progress.finish(name);
    const place = view.port === null ? '' : ` on port ${view.port}`;
    const took = flags.wait ? `, after ${formatDuration(clock.monotonic() - since)}` : '';
    out.line(`${name} is ${view.status}${place}${took}`);
  } catch (error) {
    progress.finish(name);
    throw error;
  }
}

/** Feeds the progress with the changes of state that the controller tells, until disposed of. */
async function followPhases(
  client: Client,
  names: readonly string[],
  progress: Progress,
  interrupted: AbortSignal,
): Promise<Disposable> {
  const done = new AbortController();
  const signal = AbortSignal.any([done.signal, interrupted]);
  await new Promise<void>((resolve, reject) => {
    const facts = client.events({ subject: 'instance:', signal, onOpen: resolve });
    showPhases(facts, new Set(names), progress).catch((error: unknown) => {
      // The phases are a courtesy: once they have begun, the answer to the start tells what matters.
      reject(error instanceof Error ? error : new AppError('INTERNAL', String(error)));
    });
  });
  return { [Symbol.dispose]: () => done.abort(new Error('no longer of interest')) };
}

async function showPhases(
  facts: AsyncIterable<FactView>,
  names: ReadonlySet<string>,
  progress: Progress,
): Promise<void> {
  for await (const fact of facts) {
    const name = fact.subject.slice('instance:'.length);
    if (fact.type === 'instance.changed' && names.has(name)) showChange(name, fact, progress);
  }
}

function showChange(name: string, fact: FactView, progress: Progress): void {
  const { to, reason, delay_ms: delayMs } = fact.data as FactData['instance.changed'];
  if (to === 'ready' || to === 'stopped') return;
  const delay = delayMs === null ? '' : `, next start in ${formatDuration(delayMs)}`;
  progress.phase(name, `${to}${reason === null ? '' : ` (${reason})`}${delay}`);
}
