/** Follows a batch to its end, a line on stderr for each thing that happens. Ctrl-C only detaches. */

import type { FactData, FactView } from '../../contract/facts.ts';
import { formatDuration } from '../../contract/durations.ts';
import type { BatchDetailView } from '../../contract/tasks.ts';
import type { CliContext } from '../context.ts';
import type { Output } from '../output.ts';

/** The batch as it ended; null when the person left. */
export async function followBatch(context: CliContext, batchId: string): Promise<BatchDetailView | null> {
  const { client, err, signal } = context;
  try {
    for await (const fact of client.events({ batch: batchId, after: 0, signal })) {
      const line = describeFact(fact, batchId, err);
      if (line !== null) err.line(line);
      if (fact.type === 'batch.ended') break;
    }
    return await client.batch(batchId);
  } catch (error) {
    if (!signal.aborted) throw error;
    err.line(`detached; the batch goes on: drover batch watch ${batchId}`);
    return null;
  }
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
  'task.cancelled': () => 'cancelled',
  'attempt.adopted': () => 'adopted by the agent that came back',
};

function describeFact(fact: FactView, batchId: string, err: Output): string | null {
  const task = fact.subject.slice(`task:${batchId}/`.length);
  const tell = fact.subject.startsWith('task:') ? TELLERS[fact.type] : undefined;
  // The table is keyed by the type that decides the data.
  const sentence = tell?.(fact.data as never) ?? null;
  if (sentence === null) return null;
  return err.paint(colourOfFact(fact.type), `${task} ${sentence}`);
}

function colourOfFact(type: string): 'green' | 'red' | 'yellow' | 'grey' {
  if (type === 'task.succeeded') return 'green';
  if (type === 'task.failed' || type === 'task.aborted') return 'red';
  return type === 'task.retry_scheduled' ? 'yellow' : 'grey';
}
