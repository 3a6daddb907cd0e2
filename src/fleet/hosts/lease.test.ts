/** When a host counts as lost, and which of its heartbeats count. */

import { expect, test, vi } from 'vitest';

import { LEASE } from '../../contract/index.ts';
import { TestClock } from '../../kernel/index.ts';
import { Host } from './host.ts';
import { createLeases } from './lease.ts';

test('an agent that is silent is suspect, then lost, each once; a beat in time keeps it', async () => {
  const clock = new TestClock();
  const [suspect, lost]: [string[], string[]] = [[], []];
  using leases = createLeases(clock, { onSuspect: (host) => suspect.push(host), onLost: (host) => lost.push(host) });
  leases.renew('attic');
  leases.renew('cellar');

  for (let beat = 0; beat < 10; beat++) {
    await clock.advance(LEASE.renewMs);
    leases.renew('attic');
  }
  const afterBeats = [...lost];
  await clock.advance(LEASE.suspectMs);
  const seen = [...suspect];
  leases.renew('attic');
  await clock.advance(LEASE.expiryMs + LEASE.graceMs);
  await clock.advance(60_000);

  expect(afterBeats).toEqual(['cellar']);
  expect(seen).toEqual(['cellar', 'attic']);
  expect(suspect).toEqual(['cellar', 'attic', 'attic']);
  expect(lost).toEqual(['cellar', 'attic']);
  expect(LEASE.suspectMs).toBeLessThanOrEqual(20_000);
});

const beat = (sequence: number) => ({ sequence, uptimeMs: 5_000 * sequence, workers: [], ended: {} });

test('a heartbeat that a later one has overtaken tells nothing; a new link counts anew', () => {
  const host = new Host('attic', new TestClock());
  const session = { send: () => {}, acknowledge: () => {}, close: () => {} };
  host.connect(session, { epoch: 1, pid: 1 });

  const first = [1, 3, 2, 3].map((sequence) => host.keepHeartbeat(beat(sequence)));
  host.connect(session, { epoch: 2, pid: 2 });

  expect(first).toEqual(['newest', 'newest', 'overtaken', 'overtaken']);
  expect(host.keepHeartbeat(beat(1))).toBe('newest');
});

test('a host whose link is closed is away at once, whether its agent answers the close or not', () => {
  const host = new Host('attic', new TestClock());
  const session = { send: () => {}, acknowledge: () => {}, close: vi.fn<() => void>() };
  host.connect(session, { epoch: 1, pid: 1 });

  host.close();

  expect(host.isConnected).toBe(false);
  expect(session.close).toHaveBeenCalledOnce();
  expect(host.disconnected(session)).toBe(false);
});
