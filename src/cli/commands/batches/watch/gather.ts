/** Asks the controller for what `drover watch` shows. */

import type { Client } from '../../../../client/index.ts';
import type { BatchSummaryView } from '../../../../contract/tasks.ts';
import type { Watched } from './picture.ts';

/** Batches that have ended and are shown below those that go on. */
const ENDED = 3;
/** So many at most are asked about one by one. */
const GOING = 20;

export async function gather(client: Client, now: () => number): Promise<Watched> {
  const [batches, devices] = await Promise.all([client.batches(), client.devices()]);
  const going = batches.filter(isGoing).slice(0, GOING);
  const ended = batches.filter((batch) => !isGoing(batch)).slice(0, ENDED);
  const shown = await Promise.all([...going, ...ended].map((batch) => client.batchProgress(batch.batch_id)));
  const running = await Promise.all(
    going.map(async ({ batch_id: id }) => {
      const tasks = await client.tasks(id, { states: ['running', 'leased'] });
      return tasks.map((task) => ({ ...task, batch_id: id }));
    }),
  );
  return { now: now(), batches: shown, running: running.flat(), devices };
}

function isGoing({ status }: BatchSummaryView): boolean {
  return status === 'running' || status === 'paused';
}
