/** Tasks of batches as traces, put together from their facts: the task from its release to its end, and its tries. Pure but for what it remembers. */

import { isFact } from '../../contract/index.ts';
import type { Fact, FactType } from '../../contract/index.ts';
import type { SpanTree, Trace } from './span.ts';

interface OpenAttempt {
  readonly number: number;
  readonly from: number;
  readonly device: string | null;
}

interface OpenTask {
  readonly from: number;
  readonly attempt: OpenAttempt | null;
  readonly parts: readonly SpanTree[];
}

/** Tasks that have begun and not ended; those beyond are not traced. */
const MOST = 100_000;

const ENDINGS: ReadonlySet<string> = new Set<FactType>([
  'task.succeeded',
  'task.failed',
  'task.cancelled',
  'task.aborted',
  'task.skipped',
  'task.reused',
]);

/** Answers the trace of a task with the fact that ends it, else null. */
export function createTaskTraces(): (fact: Fact) => Trace | null {
  const open = new Map<string, OpenTask>();
  return (fact) => {
    if (!fact.subject.startsWith('task:')) return null;
    const before = open.get(fact.subject) ?? { from: fact.at, attempt: null, parts: [] };
    const after = follow(before, fact);
    if (!ENDINGS.has(fact.type)) {
      if (open.has(fact.subject) || open.size < MOST) open.set(fact.subject, after);
      return null;
    }
    open.delete(fact.subject);
    return { root: taskSpan(after, fact), parent: null };
  };
}

function follow(task: OpenTask, fact: Fact): OpenTask {
  if (isFact(fact, 'task.leased')) {
    return { ...task, attempt: { number: fact.data.attempt, from: fact.at, device: null } };
  }
  if (isFact(fact, 'task.started')) {
    const from = task.attempt?.from ?? fact.at;
    return { ...task, attempt: { number: fact.data.attempt, from, device: fact.data.device } };
  }
  if (isFact(fact, 'task.retry_scheduled') || isFact(fact, 'task.failed')) {
    return closed(task, fact.at, fact.data.class);
  }
  return ENDINGS.has(fact.type) ? closed(task, fact.at, null) : task;
}

function closed(task: OpenTask, to: number, error: string | null): OpenTask {
  const { attempt, parts } = task;
  return attempt === null ? task : { ...task, attempt: null, parts: [...parts, attemptSpan(attempt, to, error)] };
}

function attemptSpan({ number, from, device }: OpenAttempt, to: number, error: string | null): SpanTree {
  return {
    name: `attempt ${number}`,
    kind: 'internal',
    from,
    to,
    attributes: {
      'drover.attempt': number,
      ...(device === null ? {} : { 'drover.device': device }),
      ...(error === null ? {} : { 'error.type': error }),
    },
    error,
    parts: [],
  };
}

function taskSpan({ from, parts }: OpenTask, fact: Fact): SpanTree {
  const [batch = '', ...name] = fact.subject.slice('task:'.length).split('/');
  const task = name.join('/');
  return {
    name: `task ${task}`,
    kind: 'internal',
    from,
    to: fact.at,
    attributes: { 'drover.batch': batch, 'drover.task': task, 'drover.outcome': fact.type.slice('task.'.length) },
    error: isFact(fact, 'task.failed') ? fact.data.class : null,
    parts,
  };
}
