/** Writes RUN_SUMMARY.md, RUN_SUMMARY.json and batch_events.jsonl into the batch folder after every end. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { AppError } from '../contract/index.ts';
import type { Fact } from '../contract/index.ts';
import { isoTime } from '../kernel/index.ts';
import type { Clock, Log } from '../kernel/index.ts';
import { attemptsOfBatch, countTasks, findBatch, listEndedBatches, listFacts, listTasks } from '../store/index.ts';
import type { Store } from '../store/index.ts';
import { renderSummary } from './summary-markdown.ts';
import { summarise } from './summary.ts';
import type { RunSummary } from './summary.ts';
import { writeWholeFile } from './whole-file.ts';

/** How many ended batches a start looks at for a summary that a crash has kept from being written. */
const LOOK_BACK = 50;
const FACTS_PER_READ = 5_000;

export interface Summaries {
  /** A failure is logged: the batch has ended all the same. */
  write(batchId: string): Promise<void>;
  writeMissing(): Promise<void>;
  /** The page as it would be written now. Rejects with BATCH_NOT_FOUND. */
  render(batchId: string): Promise<string>;
}

export function keepSummaries({ store, clock, log }: { store: Store; clock: Clock; log: Log }): Summaries {
  async function load(batchId: string): Promise<RunSummary> {
    return store.read(async (db) => {
      const batch = await findBatch(db, batchId);
      const counts = (await countTasks(db, [batchId])).get(batchId);
      if (!batch || !counts)
        throw new AppError('BATCH_NOT_FOUND', `there is no batch ${batchId}`, { hint: 'run "drover batch ls"' });
      const tasks = await listTasks(db, batchId);
      return summarise({ batch, counts, tasks, attempts: await attemptsOfBatch(db, batchId), now: clock.now() });
    });
  }

  async function* events(batchId: string): AsyncGenerator<string> {
    let read: readonly Fact[];
    let afterSeq = 0;
    do {
      const query = { batchId, afterSeq, limit: FACTS_PER_READ };
      read = await store.read((db) => listFacts(db, query));
      afterSeq = read.at(-1)?.seq ?? afterSeq;
      yield read.map((fact) => `${JSON.stringify({ ...fact, at: isoTime(fact.at) })}\n`).join('');
    } while (read.length === FACTS_PER_READ);
  }

  async function write(batchId: string): Promise<void> {
    try {
      const summary = await load(batchId);
      await writeWholeFile(join(summary.path, 'batch_events.jsonl'), events(batchId));
      await writeWholeFile(join(summary.path, 'RUN_SUMMARY.json'), `${JSON.stringify(summary, null, 2)}\n`);
      await writeWholeFile(join(summary.path, 'RUN_SUMMARY.md'), renderSummary(summary));
    } catch (error) {
      log.error({ err: error, batch: batchId }, 'the summary of a batch could not be written');
    }
  }

  return {
    write,
    async writeMissing() {
      for (const { id, path } of await store.read((db) => listEndedBatches(db, LOOK_BACK))) {
        // A folder that is gone was removed on purpose.
        if (existsSync(path) && !existsSync(join(path, 'RUN_SUMMARY.md'))) await write(id);
      }
    },
    render: async (batchId) => renderSummary(await load(batchId)),
  };
}
