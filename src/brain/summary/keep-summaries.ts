/**
 * Writes RUN_SUMMARY.md, RUN_SUMMARY.json and batch_events.jsonl into the batch folder after every end, and the summary
 * into the store, where it stays for ever.
 */

import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { AppError, subject } from '../../contract/index.ts';
import type { Fact, NewFact, RunSummary } from '../../contract/index.ts';
import { isoTime } from '../../kernel/index.ts';
import type { Clock, Log } from '../../kernel/index.ts';
import {
  attemptsOfBatch,
  countTasks,
  decodeJson,
  encodeJson,
  findBatch,
  findPlanRun,
  listFacts,
  listTasks,
  listUntoldRuns,
  savePlanRun,
} from '../../store/index.ts';
import type { BatchRecord, Store } from '../../store/index.ts';
import { interventionOf } from '../history/interventions.ts';
import { renderSummary } from './summary-markdown.ts';
import { summarise } from './summary.ts';
import { writeWholeFile } from './whole-file.ts';

/** How many ended batches a start takes up whose summary a crash has kept from being written. */
const UNTOLD = 500;
const FACTS_PER_READ = 5_000;

export interface Summaries {
  /** A failure is logged: the batch has ended all the same. */
  write(batchId: string): Promise<void>;
  writeMissing(): Promise<void>;
  /** The summary as it is now; of an ended batch, as it was written. Rejects with BATCH_NOT_FOUND. */
  load(batchId: string): Promise<RunSummary>;
}

export function keepSummaries({ store, clock, log }: { store: Store; clock: Clock; log: Log }): Summaries {
  async function find(batchId: string): Promise<BatchRecord> {
    const batch = await store.read((db) => findBatch(db, batchId));
    if (batch) return batch;
    throw new AppError('BATCH_NOT_FOUND', `there is no batch ${batchId}`, { hint: 'run "drover batch ls"' });
  }

  async function compute(batch: BatchRecord, interventions: readonly string[]): Promise<RunSummary> {
    const { id } = batch;
    return store.read(async (db) => {
      const counts = (await countTasks(db, [id])).get(id);
      if (!counts) throw new Error(`batch ${id} was not counted`);
      const tasks = await listTasks(db, id);
      const attempts = await attemptsOfBatch(db, id);
      return summarise({ batch, counts, tasks, attempts, interventions, now: clock.now() });
    });
  }

  async function* facts(batchId: string): AsyncGenerator<readonly Fact[]> {
    let read: readonly Fact[];
    let afterSeq = 0;
    do {
      const query = { batchId, afterSeq, limit: FACTS_PER_READ };
      read = await store.read((db) => listFacts(db, query));
      afterSeq = read.at(-1)?.seq ?? afterSeq;
      yield read;
    } while (read.length === FACTS_PER_READ);
  }

  /** The lines of batch_events.jsonl; what people did is noted on the way. */
  async function* events(batchId: string, interventions: string[]): AsyncGenerator<string> {
    for await (const page of facts(batchId)) {
      interventions.push(...interventionsIn(page));
      yield page.map((fact) => `${JSON.stringify({ ...fact, at: isoTime(fact.at) })}\n`).join('');
    }
  }

  async function tell(batch: BatchRecord): Promise<void> {
    const interventions: string[] = [];
    // A folder that is gone was removed on purpose.
    const hasFolder = existsSync(batch.path);
    const lines = events(batch.id, interventions);
    if (hasFolder) await writeWholeFile(join(batch.path, 'batch_events.jsonl'), lines);
    const summary = await compute(batch, interventions);
    if (hasFolder) {
      await writeWholeFile(join(batch.path, 'RUN_SUMMARY.json'), `${JSON.stringify(summary, null, 2)}\n`);
      await writeWholeFile(join(batch.path, 'RUN_SUMMARY.md'), renderSummary(summary));
    }
    await keep(batch, summary, hasFolder);
  }

  async function keep(batch: BatchRecord, summary: RunSummary, written: boolean): Promise<void> {
    if (batch.ended_at === null) return;
    const { id, plan_name: plan, plan_path: planPath, status, created_at: createdAt, ended_at: endedAt } = batch;
    const run = { batchId: id, plan, folder: folderName(planPath), planPath, status, createdAt, endedAt };
    await store.write(async (tx) => {
      await savePlanRun(tx, { ...run, summary: encodeJson(summary) });
      tx.record(summarised(id, written));
    });
  }

  async function write(batchId: string): Promise<void> {
    try {
      await tell(await find(batchId));
    } catch (error) {
      log.error({ err: error, batch: batchId }, 'the summary of a batch could not be written');
      // Whoever follows the batch has waited for it.
      await store.write(async (tx) => tx.record(summarised(batchId, false)));
    }
  }

  return {
    write,
    async writeMissing() {
      for (const { id } of await store.read((db) => listUntoldRuns(db, UNTOLD))) await write(id);
    },
    async load(batchId) {
      const batch = await find(batchId);
      const run = await store.read((db) => findPlanRun(db, batchId));
      if (run !== null && run.ended_at === batch.ended_at) return decodeJson<RunSummary>(run.summary);
      const interventions: string[] = [];
      for await (const page of facts(batchId)) interventions.push(...interventionsIn(page));
      return compute(batch, interventions);
    },
  };
}

function summarised(batchId: string, written: boolean): NewFact {
  return { type: 'batch.summarised', subject: subject.batch(batchId), data: { written } };
}

function interventionsIn(facts: readonly Fact[]): string[] {
  return facts.flatMap((fact) => interventionOf(fact) ?? []);
}

/** Of an uploaded plan, `NAME/DIGEST`, the name. */
function folderName(planPath: string): string {
  const name = basename(planPath);
  return /^[0-9a-f]{64}$/.test(name) ? basename(dirname(planPath)) : name;
}
