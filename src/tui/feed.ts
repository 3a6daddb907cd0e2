/**
 * What the controller tells, as events of the dashboard: a picture of the house at most once a second, facts as they
 * happen, the log that is open. Knows nothing of the screen; a daemon that is away is an event like others.
 */

import { asAppError } from '../contract/errors.ts';
import type { FactView } from '../contract/facts.ts';
import type { Client } from '../client/index.ts';
import { every } from '../kernel/clock.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Scope } from '../kernel/scope.ts';
import { createBatch } from './batch.ts';
import { splitLines } from './log-lines.ts';
import { createPulse } from './pulse.ts';
import { MAX_FACTS, MAX_LOG_LINES } from './state.ts';
import type { DashboardEvent, LogStream, Picture } from './state.ts';
import type { DashboardStore } from './store.ts';

interface FeedDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly store: DashboardStore;
}

interface Feed {
  /** Begins to tell, until the scope ends. */
  start(): void;
  refresh(): void;
  /** Ends the log that was followed before. */
  followLog(name: string, stream: LogStream): void;
  leaveLog(): void;
}

const REFRESH_MS = 1_000;
const BATCH_MS = 100;
const FIRST_RETRY_MS = 100;
const MOST_RETRY_MS = 2_000;
/** Facts and log lines of before that are shown at first. */
const FIRST_FACTS = 100;
const FIRST_LOG_LINES = 500;

export async function takePicture(client: Client, clock: Clock): Promise<Picture> {
  const [instances, status] = await Promise.all([client.instances(), client.status()]);
  return { instances, status, at: clock.now() };
}

export function createFeed(deps: FeedDeps, scope: Scope): Feed {
  const { client, clock, store } = deps;
  let log = new AbortController();

  const pulse = createPulse({
    clock,
    spacingMs: REFRESH_MS,
    beat: async () => {
      const told = await takePicture(client, clock).then(
        (picture) => ({ kind: 'pictured', picture }) as const,
        disconnected,
      );
      if (!scope.signal.aborted) store.post(told);
    },
  });
  scope.defer(() => pulse[Symbol.dispose]());

  /** A picture tells the time too; without one it has to be told. */
  function beat(): void {
    const now = clock.now();
    if (now - store.state().picture.at > 2 * REFRESH_MS) store.post({ kind: 'ticked', now });
    pulse.ask();
  }

  return {
    start() {
      scope.run(() => followFacts(deps, scope.signal, pulse.ask));
      scope.run(() => every(clock, REFRESH_MS, scope.signal, beat, (error) => store.post(disconnected(error))));
    },
    refresh: pulse.ask,
    followLog(name, stream) {
      log.abort();
      log = new AbortController();
      const signal = AbortSignal.any([log.signal, scope.signal]);
      scope.run(() => followLog(deps, { name, stream }, signal));
    },
    leaveLog: () => log.abort(),
  };
}

/** Facts without a gap, across restarts of the daemon. */
async function followFacts({ client, clock, store }: FeedDeps, signal: AbortSignal, onOpen: () => void): Promise<void> {
  const deliver = (facts: readonly FactView[]): void => store.post({ kind: 'facts-told', facts });
  using batch = createBatch<FactView>({ clock, spacingMs: BATCH_MS, limit: MAX_FACTS, deliver });
  let after: number | null = null;
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      if (after === null) {
        const before = await client.facts({ last: FIRST_FACTS });
        after = before.at(-1)?.seq ?? 0;
        batch.add(before);
      }
      for await (const fact of client.events({ after, signal, onOpen })) {
        failures = 0;
        after = fact.seq;
        batch.add([fact]);
      }
      store.post({ kind: 'disconnected', reason: 'the daemon closed the stream of facts' });
    } catch (error) {
      if (signal.aborted) return;
      store.post(disconnected(error));
    }
    await clock.sleep(Math.min(MOST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures), signal);
  }
}

async function followLog(
  { client, clock, store }: FeedDeps,
  log: { readonly name: string; readonly stream: LogStream },
  signal: AbortSignal,
): Promise<void> {
  const deliver = (lines: readonly string[]): void => store.post({ kind: 'log-read', ...log, lines });
  using batch = createBatch<string>({ clock, spacingMs: BATCH_MS, limit: MAX_LOG_LINES, deliver });
  let rest = '';
  let reason = 'the log has ended';
  try {
    const options = { stream: log.stream, tail: FIRST_LOG_LINES, follow: true, signal };
    for await (const chunk of client.instanceLogs(log.name, options)) {
      const split = splitLines(rest, chunk);
      rest = split.rest;
      batch.add(split.lines);
    }
  } catch (error) {
    reason = asAppError(error).message;
  }
  if (signal.aborted) return;
  batch.flush();
  store.post({ kind: 'log-ended', ...log, reason });
}

function disconnected(error: unknown): DashboardEvent {
  return { kind: 'disconnected', reason: asAppError(error).message };
}
