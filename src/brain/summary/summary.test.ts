import { expect, test } from 'vitest';

import type { TaskCounts } from '../../contract/index.ts';
import type { BatchRecord, TaskRecord } from '../../store/index.ts';
import { renderSummary } from './summary-markdown.ts';
import { summarise } from './summary.ts';
import type { AttemptRecord, SummarySource } from './summary.ts';

const MIB = 1024 * 1024;

const batch: BatchRecord = {
  id: 'b1',
  plan_name: 'library',
  plan_digest: 'd',
  plan_path: '/plan',
  path: '/plan/history/b1',
  status: 'failed',
  priority: 50,
  config: '{}',
  env: '{}',
  idempotency_key: null,
  created_at: 1_000,
  started_at: 1_100,
  ended_at: 61_000,
  cancel_requested_at: null,
  goal: null,
};

const counts: TaskCounts = {
  total: 3,
  waiting: 0,
  ready: 0,
  leased: 0,
  running: 0,
  backoff: 0,
  succeeded: 1,
  failed: 1,
  skipped: 0,
  aborted: 1,
  cancelled: 0,
  parked: 0,
};

function task(id: number, change: Partial<TaskRecord>): TaskRecord {
  return {
    id,
    batch_id: 'b1',
    name: `t${id}`,
    kind: 'task',
    template: null,
    item_key: null,
    item_index: null,
    item: null,
    type: 'shell',
    class: 'cpu',
    state: 'succeeded',
    pending: 0,
    remaining: null,
    items_total: null,
    next_index: null,
    items_failed: 0,
    items_skipped: 0,
    priority: 5,
    ready_at: 1_000,
    attempt: 1,
    failures: 0,
    free_attempts: 0,
    memory_bytes: 0,
    agent: null,
    agent_epoch: null,
    device: 'cpu',
    pid: null,
    leased_at: 1_000,
    started_at: 1_500,
    ended_at: 2_000,
    exit_code: 0,
    reason: null,
    answer: null,
    ...change,
  };
}

function attempt(taskId: number, no: number, change: Partial<AttemptRecord>): AttemptRecord {
  return {
    task_id: taskId,
    no,
    agent: 'here',
    epoch: 1,
    device: 'cpu',
    pid: null,
    dir: `/plan/history/b1/logs/t${taskId}/${no}`,
    leased_at: 1_000,
    started_at: 1_500,
    ended_at: 2_000,
    result: 'succeeded',
    exit_code: 0,
    signal: null,
    class: null,
    reason: null,
    tail: null,
    peak_memory_bytes: null,
    tokens_in: null,
    tokens_out: null,
    score: null,
    score_reason: null,
    slot: null,
    ...change,
  };
}

const failedTwice = { result: 'failed', class: 'exit_code', exit_code: 1 } as const;

const source: SummarySource = {
  batch,
  counts,
  interventions: ['2026-02-21T10:15:00.000Z paused'],
  now: 99_000,
  tasks: [
    task(1, { class: 'script', memory_bytes: 4_000 * MIB }),
    task(2, { state: 'failed', attempt: 2, failures: 2, exit_code: 1, reason: 'exit code 1: a | b' }),
    task(3, { state: 'aborted', attempt: 0, started_at: null, reason: 't2 failed' }),
  ],
  attempts: [
    attempt(1, 1, { ended_at: 31_500, device: 'gpu0', peak_memory_bytes: 500 * MIB, tokens_in: 10, tokens_out: 4 }),
    attempt(2, 1, { ...failedTwice, ended_at: 3_500 }),
    attempt(2, 2, { ...failedTwice, ended_at: 2_500 }),
  ],
};

test('a summary adds up what its rows say', () => {
  const summary = summarise(source);

  expect(summary).toMatchObject({
    status: 'failed',
    duration_ms: 60_000,
    run_ms: 33_000,
    queue_wait_ms: 1_000,
    retries: { counted: 1, free: 0, wasted_ms: 2_000 },
    tokens: { in: 10, out: 4 },
    aborted: [{ task: 't3', reason: 't2 failed' }],
  });
  expect(summary.success_rate).toBeCloseTo(1 / 3);
  expect(summary.by_device.map(({ name, run_ms: ms }) => [name, ms])).toEqual([
    ['gpu0', 30_000],
    ['cpu', 3_000],
  ]);
});

test('a failure names its cause and the folder of its last attempt', () => {
  expect(summarise(source).failures).toEqual([
    {
      task: 't2',
      class: 'exit_code',
      reason: 'exit code 1: a | b',
      exit_code: 1,
      attempts: 2,
      log: '/plan/history/b1/logs/t2/2',
    },
  ]);
});

test('lessons name the slowest step, wasted attempts and memory that was reserved for nothing', () => {
  expect(summarise(source).lessons).toEqual([
    '"t1" took 91 % of all run time (30.0s); look there first.',
    '2.0s went into an attempt that was tried again.',
    '"t1" reserves 4000 MB and used at most 500 MB: lower its vram_estimate_mb.',
  ]);
});

test('the page for people has the same figures', () => {
  const page = renderSummary(summarise(source));

  expect(page).toContain('# Run summary: library');
  expect(page).toContain('- **tasks**: 3 (1 succeeded, 1 failed, 1 aborted)');
  expect(page).toContain('| gpu0 | 1 | 0 | 30.0s | 30.0s | 30.0s |');
  expect(page).toContain('**t2** (exit_code, 2 attempts): exit code 1: a | b');
  expect(page).toContain('/plan/history/b1/logs/t2/2');
});

test('what a foreach task came to is told, where not all of its items did', () => {
  const came = '20 of 20 accepted after 124 candidates';
  const judge = task(4, { name: 'judge', kind: 'template', reason: came });

  const summary = summarise({ ...source, tasks: [...source.tasks, judge] });

  expect(summary.notes).toEqual([{ task: 'judge', reason: came }]);
  expect(renderSummary(summary)).toContain(`- **folder**: /plan/history/b1\n- **judge**: ${came}`);
});

test('of a long list the page has the first hundred lines, and says how many it leaves out', () => {
  const tasks = Array.from({ length: 104 }, (_, id) => task(id, { state: 'aborted', reason: 'its source failed' }));

  const page = renderSummary(summarise({ ...source, tasks }));

  expect(page).toContain('- t99: its source failed\n- and 4 more, in RUN_SUMMARY.json');
  expect(page).not.toContain('t100');
});

test('a candidate that was turned down is no failure; what happens to one that was accepted is', () => {
  const goal = JSON.stringify({ target: 2, tracked: 'judge', sources: ['fetch'], followers: ['keep'] });
  const tasks = [
    task(1, { template: 'judge' }),
    task(2, { template: 'judge', state: 'failed', name: 'judge_b' }),
    task(3, { template: 'keep', state: 'failed', name: 'keep_a' }),
    task(4, { template: 'keep', state: 'aborted', name: 'keep_b' }),
  ];
  const attempts = [attempt(2, 1, { result: 'failed' }), attempt(3, 1, { result: 'failed' })];
  const reached = { ...counts, aborted: 0, rejected: 2, goal: { target: 2, accepted: 1, rejected: 1, tried: 2 } };

  const summary = summarise({ ...source, batch: { ...batch, goal }, counts: reached, tasks, attempts });

  expect(summary.failures.map(({ task: name }) => name)).toEqual(['keep_a']);
  expect(summary.aborted).toEqual([]);
  expect(summary.by_step.map(({ name, failed_attempts: failed }) => [name, failed])).toEqual([
    ['judge', 0],
    ['keep', 1],
  ]);
  expect(summary.success_rate).toBe(0.5);
  expect(renderSummary(summary)).toContain('- **goal**: 1 of 2 accepted, 2 tried, 1 rejected');
});
