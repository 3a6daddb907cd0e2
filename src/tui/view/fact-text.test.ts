import { expect, test } from 'vitest';

import { fact } from '../../../test/support/dashboard.ts';
import { factText } from './fact-text.ts';

const change = { from: 'loading', pid: 12, port: 8001, reason: null, delay_ms: null, restarts: 0 };

test('changes of instances are told in one sentence', () => {
  const about = { type: 'instance.changed', subject: 'instance:alpha' } as const;

  expect(factText(fact(1, { ...about, data: { ...change, to: 'ready' } }))).toEqual({
    who: 'alpha',
    what: 'loading → ready on port 8001, pid 12',
    tone: 'green',
  });
  const backoff = { ...change, to: 'backoff', reason: 'exit code 42', delay_ms: 2_000 };
  expect(factText(fact(1, { ...about, data: backoff }))).toMatchObject({
    what: 'loading → backoff, next start in 2.0s: exit code 42',
    tone: 'yellow',
  });
});

test('a process that ended by itself stands out', () => {
  const data = { launch: 1, pid: 7, code: null, signal: 'SIGKILL', asked: false, ended_at: 0 };

  expect(factText(fact(1, { type: 'instance.exited', subject: 'instance:alpha', data }))).toEqual({
    who: 'alpha',
    what: 'its process ended by itself: SIGKILL',
    tone: 'red',
  });
});

test('a fact without a sentence is told by the words of its type, with its reason', () => {
  const failed = fact(1, { type: 'task.failed', subject: 'task:b1/scan', data: { attempt: 1, reason: 'exit code 2' } });

  expect(factText(failed)).toEqual({ who: 'task scan (b1)', what: 'failed: exit code 2', tone: 'red' });
  expect(factText(fact(2))).toEqual({ who: 'batch b2', what: 'started', tone: undefined });
});

test('of a task its name is told before the end of its batch, so that what is cut is not the name', () => {
  const started = fact(1, { type: 'task.started', subject: 'task:20261122_012921_hlz83i/embed_part9' });

  expect(factText(started).who).toBe('task embed_part9 (hlz83i)');
});
