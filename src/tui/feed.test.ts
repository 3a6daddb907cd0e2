import { expect, test } from 'vitest';

import { dashboardOf, fact, instance, picture } from '../../test/support/dashboard.ts';
import type { Client, FactFilter, LogRequest } from '../client/index.ts';
import { AppError } from '../contract/errors.ts';
import type { FactView } from '../contract/facts.ts';
import { TestClock } from '../kernel/clock.ts';
import { createScope } from '../kernel/scope.ts';
import { createFeed } from './feed.ts';
import type { DashboardEvent } from './state.ts';

const away = new AppError('DAEMON_UNREACHABLE', 'no daemon answers');

/** A controller that can be switched off; its streams break then. */
function controller() {
  const facts: FactView[] = [fact(7)];
  let isOn = true;
  let pictures = 0;
  let wake = (): void => {};
  const asked: (number | undefined)[] = [];

  async function* events({ after, signal, onOpen }: FactFilter = {}): AsyncGenerator<FactView> {
    asked.push(after);
    if (!isOn) throw away;
    onOpen?.();
    signal?.addEventListener('abort', () => wake());
    for (let seen = after ?? 0; ;) {
      for (const next of facts.filter(({ seq }) => seq > seen)) {
        seen = next.seq;
        yield next;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (signal?.aborted) throw signal.reason;
      if (!isOn) throw away;
    }
  }

  async function* instanceLogs(name: string, { stream }: LogRequest = {}): AsyncGenerator<string> {
    yield `${name} ${stream}\nsecond`;
    yield ' half\n';
    throw new AppError('INSTANCE_NOT_FOUND', `there is no instance "${name}"`);
  }

  const answer = <T>(value: T): Promise<T> => (isOn ? Promise.resolve(value) : Promise.reject(away));
  const client: Pick<Client, 'instances' | 'status' | 'facts' | 'events' | 'instanceLogs'> = {
    instances: () => {
      pictures++;
      return answer([instance('alpha')]);
    },
    status: () => answer(picture([]).status),
    facts: () => answer([...facts]),
    events,
    instanceLogs,
  };
  return {
    // The feed uses these five; the others would throw as unknown.
    client: client as Client,
    asked,
    pictures: () => pictures,
    tell: (...more: FactView[]) => {
      facts.push(...more);
      wake();
    },
    switchTo: (on: boolean) => {
      isOn = on;
      wake();
    },
  };
}

function fedBy({ client }: ReturnType<typeof controller>) {
  const clock = new TestClock();
  const told: DashboardEvent[] = [];
  const scope = createScope((error) => {
    throw error;
  });
  const state = dashboardOf([]);
  const feed = createFeed(
    { client, clock, store: { state: () => state, post: (event) => void told.push(event) } },
    scope,
  );
  const seqs = (): number[] =>
    told.flatMap((event) => (event.kind === 'facts-told' ? event.facts.map(({ seq }) => seq) : []));
  return { clock, told, scope, feed, seqs };
}

test('a picture a second, however many facts come', async () => {
  const daemon = controller();
  const { clock, feed, scope, seqs } = fedBy(daemon);
  feed.start();
  await clock.advance(0);

  for (let at = 0; at < 100; at++) {
    daemon.tell(fact(10 + at));
    feed.refresh();
    await clock.advance(50);
  }
  await scope.close();

  expect(daemon.pictures()).toBeLessThanOrEqual(7);
  expect(daemon.pictures()).toBeGreaterThanOrEqual(5);
  expect(seqs()).toEqual([7, ...Array.from({ length: 100 }, (_, at) => 10 + at)]);
});

test('a daemon that goes away is told, and comes back without a gap in the facts', async () => {
  const daemon = controller();
  const { clock, feed, scope, told, seqs } = fedBy(daemon);
  feed.start();
  await clock.advance(1_500);

  daemon.switchTo(false);
  await clock.advance(30_000);
  const cut = told.at(-1);
  const triesMeanwhile = daemon.asked.length;
  daemon.tell(fact(8), fact(9));
  daemon.switchTo(true);
  await clock.advance(3_000);
  await scope.close();

  expect(cut).toEqual({ kind: 'disconnected', reason: 'no daemon answers' });
  expect(triesMeanwhile).toBeLessThan(30);
  expect(seqs()).toEqual([7, 8, 9]);
  expect(told.some((event, at) => event.kind === 'pictured' && at > told.indexOf(cut ?? event))).toBe(true);
});

test('a log is told line by line, and why it ended', async () => {
  const { clock, feed, scope, told } = fedBy(controller());

  feed.followLog('alpha', 'stderr');
  await clock.advance(200);
  await scope.close();

  const lines = told.flatMap((event) => (event.kind === 'log-read' ? event.lines : []));
  expect(lines).toEqual(['alpha stderr', 'second half']);
  expect(told.at(-1)).toMatchObject({ kind: 'log-ended', reason: 'there is no instance "alpha"' });
});
