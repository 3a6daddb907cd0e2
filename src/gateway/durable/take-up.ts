/** Takes up the requests that an earlier controller left open: each begins anew, unless somebody has heard its beginning. */

import { AppError } from '../../contract/errors.ts';
import { subject } from '../../contract/index.ts';
import { listOpenRequests, noteAnotherLife } from '../../store/index.ts';
import type { DurableRecord } from '../../store/index.ts';
import type { DurableDeps } from './durable-deps.ts';
import type { LiveRequest } from './live-request.ts';
import type { LiveRequests } from './live-requests.ts';

type TakeUpDeps = Pick<DurableDeps, 'store' | 'clock' | 'log'>;

/** Resolves when all are live again; how each goes on, nobody waits for. What cannot be taken up is the next controller's. */
export async function takeUpAll(live: LiveRequests, deps: TakeUpDeps): Promise<void> {
  const { store, log } = deps;
  try {
    for (const record of await store.read(listOpenRequests)) await takeUp(record, live, deps);
  } catch (error) {
    log.error({ err: error }, 'open tasks could not be taken up');
  }
}

async function takeUp(record: DurableRecord, live: LiveRequests, { store, clock, log }: TakeUpDeps): Promise<void> {
  const lives = record.lives + 1;
  await store.write(async (tx) => {
    await noteAnotherLife(tx, record.id);
    tx.record({ type: 'request.resumed', subject: subject.request(record.id), data: { lives } });
  });
  const request = live.add({ ...record, lives });
  void goOn(request, clock.now()).catch((error: unknown) => log.error({ err: error }, 'a task could not be taken up'));
}

function goOn(request: LiveRequest, now: number): Promise<void> {
  const { told, deadlineAt } = request.record;
  if (told) return request.conclude(interrupted());
  return deadlineAt !== null && deadlineAt <= now ? request.conclude(tooLate()) : request.resume();
}

function interrupted(): AppError {
  return new AppError('INSTANCE_UNAVAILABLE', 'the controller was restarted while the answer was being told', {
    hint: 'ask again',
  });
}

function tooLate(): AppError {
  return new AppError('DEADLINE_EXCEEDED', 'the deadline of the task passed while no controller ran');
}
