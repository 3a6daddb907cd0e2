/**
 * Follows a batch to its end: a line on stderr for each thing worth one, and on a terminal, below them, one that says
 * how far it is. Ctrl-C only detaches.
 */

import type { FactData, FactView } from '../../../contract/facts.ts';
import { formatDuration } from '../../../contract/durations.ts';
import type { BatchDetailView } from '../../../contract/tasks.ts';
import { every } from '../../../kernel/clock.ts';
import type { CliContext } from '../../context.ts';
import type { Output } from '../../output.ts';
import { createProgress } from '../../progress.ts';
import type { Progress } from '../../progress.ts';
import { progressLine } from './watch/progress-line.ts';

const LOOK_MS = 1_000;
/** What stands around the progress of the batch in its line. */
const AROUND = '⠋ batch , for 23h59m59s '.length;
const GOING: ReadonlySet<string> = new Set(['running', 'paused']);

/** The batch as it ended, without its tasks; null when the person left. */
export async function followBatch(context: CliContext, batchId: string): Promise<BatchDetailView | null> {
  const { err, signal, clock } = context;
  using progress = createProgress(err, clock);
  const over = new AbortController();
  const looks = err.isTerminal ? keepLooking(context, { batchId, progress, until: over.signal }) : Promise.resolve();
  try {
    return await untilEnd(context, batchId, progress);
  } catch (error) {
    if (!signal.aborted) throw error;
    progress.finish('batch');
    err.line(`detached; the batch goes on: drover batch watch ${batchId}`);
    return null;
  } finally {
    over.abort();
    progress.finish('batch');
    await looks;
  }
}

async function untilEnd(context: CliContext, batchId: string, progress: Progress): Promise<BatchDetailView> {
  const { client, err, signal } = context;
  for await (const fact of client.events({ batch: batchId, after: 0, signal })) {
    const line = describeFact(fact, batchId, err);
    if (line !== null) progress.note(line);
    if (fact.type !== 'batch.ended' && fact.type !== 'batch.summarised') continue;
    const end = await client.batch(batchId, 0);
    // One that was resumed since is told of further; who acts on the end finds the summary in the folder.
    const isThisEnd = !GOING.has(end.status) && fact.at >= (end.ended_at ?? '');
    if (isThisEnd && (end.summarised || couldNotBeSummarised(fact))) return end;
  }
  return client.batch(batchId, 0);
}

function couldNotBeSummarised({ type, data }: FactView): boolean {
  // The type decides the data.
  return type === 'batch.summarised' && !(data as FactData['batch.summarised']).written;
}

interface Looking {
  readonly batchId: string;
  readonly progress: Progress;
  readonly until: AbortSignal;
}

function keepLooking({ client, clock, signal, err }: CliContext, { batchId, progress, until }: Looking): Promise<void> {
  const look = async (): Promise<void> => {
    const view = await client.batchProgress(batchId);
    if (!until.aborted) progress.phase('batch', `${progressLine(view, err.columns - AROUND)}, for`);
  };
  // The stream of facts tells of a controller that is away.
  return every(clock, LOOK_MS, AbortSignal.any([until, signal]), look, () => {});
}

type Teller = (data: never) => string | null;

/** One sentence per fact worth a line; the others are left out. */
const TELLERS: Readonly<Record<string, Teller>> = {
  'task.expanded': ({ items }: FactData['task.expanded']) => `expanded to ${items} ${items === 1 ? 'task' : 'tasks'}`,
  'task.started': ({ device, attempt }: FactData['task.started']) =>
    `started${device === null ? '' : ` on ${device}`}${attempt > 1 ? `, attempt ${attempt}` : ''}`,
  'task.succeeded': ({ duration_ms: ms }: FactData['task.succeeded']) => `succeeded after ${formatDuration(ms)}`,
  'task.failed': ({ reason }: FactData['task.failed']) => `failed: ${reason}`,
  'task.retry_scheduled': ({ reason, delay_ms: ms }: FactData['task.retry_scheduled']) =>
    `is tried again in ${formatDuration(ms)}: ${reason}`,
  'task.aborted': ({ because }: FactData['task.aborted']) => `aborted: ${because}`,
  'task.skipped': ({ because }: FactData['task.skipped']) => `skipped: ${because}`,
  'task.parked': ({ because }: FactData['task.parked']) => `is parked: ${because}`,
  'task.cancelled': () => 'cancelled',
  'attempt.adopted': () => 'adopted by the agent that came back',
  'attempt.stuck': ({ quiet_ms: ms, level }: FactData['attempt.stuck']) =>
    `is silent for ${formatDuration(ms)}: ${level}`,
  'batch.paused': () => 'is paused',
  'batch.resumed': () => 'goes on',
  'plan.edited': () => 'goes by the plan as it was: its folder has been edited',
};

function describeFact(fact: FactView, batchId: string, err: Output): string | null {
  const prefix = `task:${batchId}/`;
  const name = fact.subject.startsWith(prefix) ? fact.subject.slice(prefix.length) : batchId;
  // The table is keyed by the type that decides the data.
  const sentence = TELLERS[fact.type]?.(fact.data as never) ?? null;
  return sentence === null ? null : err.paint(colourOfFact(fact.type), showable(`${name} ${sentence}`));
}

/** What tasks and programs said may hold what would move the cursor. */
function showable(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/\p{Cc}/gu, '\ufffd');
}

function colourOfFact(type: string): 'green' | 'red' | 'yellow' | 'grey' {
  if (type === 'task.succeeded') return 'green';
  if (['task.failed', 'task.aborted', 'attempt.stuck'].includes(type)) return 'red';
  return ['task.retry_scheduled', 'task.parked', 'batch.paused', 'plan.edited'].includes(type) ? 'yellow' : 'grey';
}
