/** Who starts when, who is refused, and what is told: the owner of the attempts over programs that are not real. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { AttemptRef, Grant, Outcome } from '../../contract/index.ts';
import { createMemoryLedger, createSimulatedFiles, OPEN_TERMS, readingOf } from '../../devices/index.ts';
import type { DeviceObservation, DeviceReading } from '../../devices/index.ts';
import type { Terms } from '../terms/terms.ts';
import { TestClock, silentLog } from '../../kernel/index.ts';
import type { DetachedPrograms, Ending, Inspection, LaunchSpec, Log } from '../../kernel/index.ts';
import { createAttempts } from './attempts.ts';
import { openJournal } from '../worker/journal.ts';
import { createGauge } from '../worker/measure.ts';
import { openSpool } from '../link/spool.ts';
import { orderFrom, recordId } from '../worker/work-order.ts';

const MIB = 1024 ** 2;
/** A pid that no process has, so that signals find nobody. */
const NOBODY = { pid: 2 ** 22 + 1, startTime: '1', bootId: 'b' };

class FakePrograms implements DetachedPrograms {
  readonly bash = '/bin/bash';
  readonly launched: string[] = [];
  readonly known = new Map<string, Inspection>();
  readonly #ends = new Map<string, (ending: Ending) => void>();

  async launch(spec: LaunchSpec) {
    this.launched.push(spec.stdoutPath.split('/').at(-2) ?? '');
    return { kind: 'started', pid: NOBODY.pid, identity: NOBODY } as const;
  }

  inspect(id: string): Inspection {
    return this.known.get(id) ?? { kind: 'unknown' };
  }

  ended(id: string): Promise<Ending> {
    return new Promise((resolve) => void this.#ends.set(id, resolve));
  }

  end(attempt: AttemptRef, code: number): void {
    this.#ends.get(recordId(attempt))?.({ kind: 'exited', code, at: 0 });
  }

  forget(): void {}

  close(): void {}
}

let home: string;
let closeAll: (() => void)[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'drover-attempts-'));
  closeAll = [];
});

afterEach(() => {
  for (const close of closeAll) close();
  rmSync(home, { recursive: true });
});

function reading(id: string, kind: DeviceReading['kind']): DeviceReading {
  return readingOf({
    id,
    kind,
    name: id,
    index: 0,
    totalBytes: 1000 * MIB,
    observedBytes: 0,
  });
}

/** As on a host without policies, secrets and sandboxes. */
const AGREED: Terms = { kind: 'agreed', secrets: {}, enclose: null };

function rig({ cores = 2, cards = 0, log = silentLog, killRemains = (): readonly number[] => [] } = {}) {
  const clock = new TestClock();
  const ledger = createMemoryLedger();
  const readings = [
    reading('cpu', 'cpu'),
    ...Array.from({ length: cards }, (_, at) => reading(`sim${at}`, 'simulated')),
  ];
  for (const device of readings) ledger.observe(device.id, device);
  const programs = new FakePrograms();
  const journal = openJournal(join(home, 'attempts.jsonl'));
  const spool = openSpool(join(home, 'spool.jsonl'), clock, () => {});
  closeAll.push(
    () => spool[Symbol.dispose](),
    () => journal[Symbol.dispose](),
  );
  const told = { started: [] as string[], declined: [] as string[], ended: [] as Outcome[] };
  const attempts = createAttempts({
    ledger,
    readings: () => readings,
    gauge: createGauge({ usedBy: () => null }),
    memoryReturn: { left: () => {} },
    cores,
    pauses: true,
    worker: {
      programs,
      journal,
      clock,
      log,
      epoch: 1,
      home,
      simulated: createSimulatedFiles(home),
      killRemains,
      terms: () => AGREED,
    },
    spool,
    uplink: {
      started: ({ attempt }) => void told.started.push(attempt.task),
      declined: (attempt, reason) => void told.declined.push(`${attempt.task}: ${reason}`),
      ended: (outcome) => void told.ended.push(outcome),
    },
    clock,
    log,
  });
  return { clock, ledger, programs, journal, spool, told, attempts };
}

function grantOf(task: string, more: Partial<Grant> = {}): Grant {
  return {
    attempt: { batchId: 'b', task, no: 1 },
    taskClass: 'cpu',
    command: 'true',
    cwd: home,
    dir: join(home, 'logs', task),
    env: {},
    item: null,
    timeoutMs: 60_000,
    memoryBytes: 0,
    produces: [],
    executor: 'worker',
    avoid: [],
    pausable: false,
    sandbox: 'none',
    secrets: [],
    ...more,
  };
}

const states = (live: { attempt: AttemptRef; state: string }[]): string[] =>
  live.map(({ attempt, state }) => `${attempt.task} ${state}`).toSorted();

test('nothing starts before a controller has welcomed the agent, nor after it has gone', async () => {
  const { attempts, programs, clock } = rig();

  attempts.grant([grantOf('a')]);
  expect(programs.launched).toEqual([]);

  attempts.resume();
  expect(programs.launched).toEqual(['a']);

  attempts.pause();
  attempts.grant([grantOf('b')]);
  await clock.advance(0);
  expect(states(attempts.live())).toEqual(['a running', 'b queued']);
});

test('at debug the log tells where an attempt is put, its start, its signal and its end', async () => {
  const told: string[] = [];
  const log: Log = { ...silentLog, debug: (fields, event) => void told.push(`${event} ${JSON.stringify(fields)}`) };
  const { attempts, programs, clock } = rig({ log });
  attempts.resume();

  attempts.grant([grantOf('a')]);
  await clock.advance(0);
  attempts.signal(grantOf('a').attempt, 'abort');
  programs.end(grantOf('a').attempt, 3);
  await clock.advance(10_000);

  expect(told).toEqual([
    'grant placed {"attempt":"b/a#1","device":"cpu"}',
    `worker started {"attempt":"b/a#1","device":"cpu","pid":${NOBODY.pid}}`,
    'worker signalled {"attempt":"b/a#1","cause":"cancelled","signal":"abort"}',
    'worker ended {"attempt":"b/a#1","result":"cancelled","exitCode":3,"signal":null}',
  ]);
});

test('cores are given first come, first served; light work does not wait for them', async () => {
  const { attempts, programs, clock } = rig({ cores: 1 });
  attempts.resume();

  attempts.grant([grantOf('a'), grantOf('b'), grantOf('c'), grantOf('light', { taskClass: 'llm' })]);
  expect(programs.launched).toEqual(['a', 'light']);
  expect(attempts.taskSlots({ id: 'cpu', kind: 'cpu' })).toEqual({ busy: 1, total: 1 });

  await clock.advance(0);
  programs.end(grantOf('a').attempt, 0);
  await clock.advance(0);
  expect(programs.launched).toEqual(['a', 'light', 'b']);
});

test('cards are filled up to their budget and given again when memory is released', async () => {
  const { attempts, programs, clock, ledger } = rig({ cards: 2 });
  const big = (task: string): Grant => grantOf(task, { taskClass: 'script', memoryBytes: 700 * MIB });
  attempts.resume();

  attempts.grant([big('a'), big('b'), big('c')]);
  expect(programs.launched).toEqual(['a', 'b']);
  expect(ledger.picture('sim0')?.taskBytes).toBe(700 * MIB);
  expect(ledger.picture('sim1')?.taskBytes).toBe(700 * MIB);

  await clock.advance(0);
  programs.end(big('a').attempt, 0);
  await clock.advance(0);
  expect(programs.launched).toEqual(['a', 'b', 'c']);
});

test('what no device can ever take is declined with the sum, and does not hold up the rest', () => {
  const { attempts, programs, told } = rig({ cards: 1 });
  attempts.resume();

  attempts.grant([
    grantOf('huge', { taskClass: 'script', memoryBytes: 5_000 * MIB }),
    grantOf('small', { taskClass: 'script', memoryBytes: MIB }),
  ]);

  expect(told.declined).toEqual([expect.stringMatching(/^huge: sim0: need 4\.9 GiB/)]);
  expect(programs.launched).toEqual(['small']);
});

test('a grant that is sent twice runs once, also after its end', async () => {
  const { attempts, programs, clock, spool } = rig();
  attempts.resume();

  attempts.grant([grantOf('a'), grantOf('a')]);
  await clock.advance(0);
  programs.end(grantOf('a').attempt, 0);
  await clock.advance(0);
  attempts.grant([grantOf('a')]);

  expect(programs.launched).toEqual(['a']);
  expect(spool.pending()).toHaveLength(1);
});

test('a queued attempt that is cancelled never starts and is reported as cancelled', async () => {
  const { attempts, programs, told, clock } = rig({ cores: 1 });
  attempts.resume();
  attempts.grant([grantOf('a'), grantOf('b')]);

  attempts.signal(grantOf('b').attempt, 'abort');
  await clock.advance(0);
  programs.end(grantOf('a').attempt, 0);
  await clock.advance(0);

  expect(told.ended.map(({ attempt, result }) => `${attempt.task} ${result}`)).toEqual(['b cancelled', 'a exited']);
  expect(programs.launched).toEqual(['a']);
});

test('a revoked attempt is not reported, whether it was queued or ran', async () => {
  const { attempts, programs, told, clock, spool } = rig({ cores: 1 });
  attempts.resume();
  attempts.grant([grantOf('a'), grantOf('b')]);
  await clock.advance(0);

  attempts.revoke([grantOf('a').attempt, grantOf('b').attempt]);
  programs.end(grantOf('a').attempt, 0);
  await clock.advance(0);

  expect(told.ended).toEqual([]);
  expect(spool.pending()).toEqual([]);
  expect(attempts.live()).toEqual([]);
});

test('what a command did to its folder ends neither its attempt nor the agent', async () => {
  const { attempts, programs, told, clock } = rig();
  const { attempt, dir } = grantOf('a');
  attempts.resume();
  attempts.grant([grantOf('a', { produces: ['logs/a'] })]);
  await clock.advance(0);

  rmSync(join(home, 'logs'), { recursive: true });
  writeFileSync(join(home, 'logs'), `${dir} is no folder any more`);
  await clock.advance(10_000);
  programs.end(attempt, 0);
  await clock.advance(0);

  expect(told.ended).toMatchObject([{ attempt: { task: 'a' }, missing: ['logs/a'], tail: '' }]);
});

test('an attempt of which something lives on, though it was killed, holds its place and says so until that is gone', async () => {
  let left: readonly number[] = [4_711];
  const { attempts, programs, told, clock, ledger } = rig({ cards: 1, killRemains: () => left });
  attempts.resume();
  const grant = grantOf('stays', { taskClass: 'script', memoryBytes: 500 * MIB });
  attempts.grant([grant]);
  await clock.advance(0);

  programs.end(grant.attempt, 0);
  await clock.advance(3_000);
  const workers = attempts.workers();
  attempts.signal(grant.attempt, 'kill');
  const held = ledger.reservations().length;
  left = [];
  await clock.advance(1_000);

  expect(workers).toMatchObject([{ attempt: grant.attempt, pid: 4_711 }]);
  expect(held).toBe(1);
  expect(told.ended).toMatchObject([{ attempt: grant.attempt, result: 'exited', exitCode: 0 }]);
  expect(ledger.reservations()).toEqual([]);
});

test('what an earlier agent started is adopted with its place, its memory and its deadline', async () => {
  const { attempts, programs, journal, clock, ledger, told } = rig({ cards: 1 });
  const grant = grantOf('a', { taskClass: 'script', memoryBytes: 500 * MIB, timeoutMs: 10_000 });
  journal.open(orderFrom(grant, 'sim0', clock.now() - 9_000));
  programs.known.set(recordId(grant.attempt), { kind: 'running', identity: NOBODY });

  attempts.adopt();
  await clock.advance(0);
  expect(attempts.live()).toMatchObject([{ state: 'running', device: 'sim0', pid: NOBODY.pid }]);
  expect(ledger.picture('sim0')?.taskBytes).toBe(500 * MIB);

  await clock.advance(1_000);
  programs.end(grant.attempt, 143);
  await clock.advance(0);
  expect(told.ended).toMatchObject([{ result: 'timed_out' }]);
  expect(journal.list()).toEqual([]);
});

test('an attempt whose outcome is in the spool already is not adopted', () => {
  const first = rig();
  const order = orderFrom(grantOf('a'), 'cpu', 0);
  first.journal.open(order);
  first.spool.append({
    attempt: order.attempt,
    epoch: 1,
    result: 'exited',
    exitCode: 0,
    signal: null,
    missing: [],
    device: 'cpu',
    startedAt: 0,
    endedAt: 0,
    peakMemoryBytes: null,
    tail: '',
  });

  first.attempts.adopt();

  expect(first.attempts.live()).toEqual([]);
  expect(first.journal.list()).toEqual([]);
});

describe('the condition of its card', () => {
  const script = (task: string, more: Partial<Grant> = {}): Grant =>
    grantOf(task, { taskClass: 'script', memoryBytes: 100 * MIB, timeoutMs: 10_000, ...more });

  async function running(grant: Grant) {
    const house = rig({ cards: 1 });
    house.attempts.resume();
    house.attempts.grant([grant]);
    await house.clock.advance(0);
    const observe = (seen: Partial<DeviceObservation>): void => {
      house.ledger.observe('sim0', { totalBytes: 1000 * MIB, observedBytes: 0, temperatureC: 50, ...seen });
      house.attempts.wake();
    };
    return { ...house, observe };
  }

  test('pauses what may be paused while it is hot; its timeout stands still meanwhile', async () => {
    const { attempts, clock, observe, told, programs } = await running(script('p', { pausable: true }));
    await clock.advance(6_000);

    observe({ temperatureC: 90 });
    const hot = attempts.workers();
    await clock.advance(60_000);
    const still = [...told.ended];
    observe({ temperatureC: 60 });
    const cool = attempts.workers();
    await clock.advance(4_000);
    programs.end(script('p').attempt, 143);
    await clock.advance(0);

    expect([hot[0]?.paused, cool[0]?.paused]).toEqual([true, false]);
    expect(cool[0]?.quietMs).toBe(hot[0]?.quietMs);
    expect(still).toEqual([]);
    expect(told.ended).toMatchObject([{ result: 'timed_out' }]);
  });

  test('at its power limit pauses nothing', async () => {
    const { attempts, observe } = await running(script('p', { pausable: true }));

    observe({ powerW: 120, powerLimitW: 120 });

    expect(attempts.workers()[0]?.paused).toBe(false);
  });

  test('leaves what may not be paused alone, and keeps new scripts waiting', async () => {
    const { attempts, observe, programs } = await running(script('a'));

    observe({ temperatureC: 90 });
    attempts.grant([script('b'), grantOf('cpu work')]);

    expect(attempts.workers()[0]?.paused).toBe(false);
    expect(programs.launched).toEqual(['a', 'cpu work']);
  });

  test('loses what runs there when the card is lost, through no fault of the task', async () => {
    const { clock, observe, told, programs } = await running(script('a'));

    observe({ terms: { ...OPEN_TERMS, lost: 'gone' } });
    programs.end(script('a').attempt, 137);
    await clock.advance(0);

    expect(told.ended).toMatchObject([{ result: 'lost', tail: 'sim0 was lost' }]);
  });

  test('without its role takes nothing, and starts what waits when it has it again', async () => {
    const { attempts, observe, programs } = await running(script('a'));

    observe({ terms: { ...OPEN_TERMS, roles: ['instances'] } });
    attempts.grant([script('b')]);
    const before = [...programs.launched];
    observe({ terms: OPEN_TERMS });

    expect(before).toEqual(['a']);
    expect(programs.launched).toEqual(['a', 'b']);
  });
});

test('cards take cpu work when the CPU is full, one each, and only then', async () => {
  const { attempts, programs, clock } = rig({ cores: 1, cards: 2 });
  attempts.resume();

  attempts.grant([grantOf('a'), grantOf('b'), grantOf('c'), grantOf('d')]);
  await clock.advance(0);

  expect(programs.launched).toEqual(['a', 'b', 'c']);
  expect(attempts.workers().map(({ device }) => device)).toEqual(['cpu', 'sim0', 'sim1']);
});

test('a card that the task failed on is taken only when there is no other', async () => {
  const { attempts, clock } = rig({ cards: 2 });
  attempts.resume();
  const wish = { taskClass: 'script' as const, memoryBytes: 500 * MIB };

  attempts.grant([grantOf('a', { ...wish, avoid: ['sim0'] }), grantOf('b', { ...wish, avoid: ['sim1'] })]);
  attempts.grant([grantOf('c', { ...wish, memoryBytes: 200 * MIB, avoid: ['sim0', 'sim1'] })]);
  await clock.advance(0);

  expect(attempts.workers().map(({ attempt, device }) => `${attempt.task} ${device}`)).toEqual([
    'a sim1',
    'b sim0',
    'c sim0',
  ]);
});
