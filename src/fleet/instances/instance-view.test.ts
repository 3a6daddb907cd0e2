import { expect, test } from 'vitest';

import { makeSpec } from '../../../test/support/make-spec.ts';
import { instanceConfigSchema } from '../../contract/index.ts';
import type { InstanceReport } from '../../contract/index.ts';
import type { DesiredInstance } from './desired.ts';
import { toInstanceView, toReportView } from './instance-view.ts';
import type { InstancePicture } from './instance-view.ts';

const REPORT: InstanceReport = {
  name: 'alpha',
  desired: 'running',
  state: 'ready',
  generation: 3,
  health: 'healthy',
  healthDetail: null,
  pid: 4711,
  identity: { startTime: '1', bootId: 'b' },
  host: '127.0.0.1',
  port: 8001,
  url: 'http://127.0.0.1:8001',
  upstreamModel: null,
  key: 'secret',
  engine: 'embedded',
  backend: 'cpu',
  devices: ['sim0', 'sim1'],
  model: '/models/demo.gguf',
  modelId: 'demo',
  aliases: [],
  contextSize: 4096,
  slotsTotal: 4,
  memoryBytes: 1,
  fingerprint: 'f',
  command: ['node'],
  startedAt: Date.UTC(2026, 0, 1),
  readyAt: Date.UTC(2026, 0, 1, 0, 0, 2),
  restarts: 1,
  nextStartAt: null,
  failure: null,
  lastExit: { code: null, signal: 'SIGKILL', at: Date.UTC(2025, 11, 31), tail: 'bye' },
  ended: [],
};

const CONFIG = instanceConfigSchema.parse({ name: 'alpha', model: { id: 'demo' }, tags: ['fast'], pinned: true });
const OK = { kind: 'ok', file: '/c.json', config: CONFIG, warnings: [] } as const;
const DECLARED: DesiredInstance = {
  spec: makeSpec({ name: 'alpha' }),
  desired: 'running',
  config: '{}',
  drained: false,
  ephemeral: false,
};
const ABSENT = { kind: 'absent', file: '/c.json' } as const;

function picture(changes: Partial<InstancePicture> = {}): InstancePicture {
  return {
    name: 'alpha',
    loaded: OK,
    declared: DECLARED,
    report: REPORT,
    connected: true,
    load: { busySlots: 2, tokensPerSecond: 12.5 },
    settingTrouble: null,
    edited: false,
    now: Date.UTC(2026, 0, 1, 0, 0, 12),
    ...changes,
  };
}

test('a ready instance shows its devices joined, its slots and tokens, and how long it has been ready', () => {
  expect(toInstanceView(picture({ edited: true }))).toMatchObject({
    status: 'ready',
    health: 'healthy',
    device: 'sim0,sim1',
    model: 'demo',
    slots: { busy: 2, total: 4 },
    tokens_per_second: 12.5,
    uptime_ms: 10_000,
    tags: ['fast'],
    pinned: true,
    orphan: false,
    needs_restart: true,
    reason: null,
  });
});

test('without an agent the last known state is shown, and its health is not known', () => {
  expect(toInstanceView(picture({ connected: false }))).toMatchObject({
    status: 'ready',
    pid: 4711,
    health: 'unknown',
    health_detail: expect.stringContaining('last known'),
    uptime_ms: null,
  });
});

test('an engine whose config is gone, or of which nothing is stored, is an orphan with two ways on', () => {
  const gone = toInstanceView(picture({ loaded: ABSENT }));
  const unknown = toInstanceView(picture({ declared: null }));

  expect([gone.orphan, unknown.orphan]).toEqual([true, true]);
  expect(gone.reason).toMatch(/\/c\.json is gone.*"drover adopt alpha".*"drover down alpha"/);
  expect(unknown).toMatchObject({ desired: 'running', reason: expect.stringContaining('"drover adopt alpha"') });
});

test('one that does not run is no orphan, and one made for a request has no config to miss', () => {
  const stopped = { ...REPORT, state: 'stopped', pid: null, url: null } as const;

  expect(toInstanceView(picture({ loaded: ABSENT, report: stopped }))).toMatchObject({
    orphan: false,
    reason: expect.stringContaining('"drover rm alpha"'),
  });
  expect(toInstanceView(picture({ loaded: ABSENT, declared: { ...DECLARED, ephemeral: true } }))).toMatchObject({
    orphan: false,
    ephemeral: true,
    reason: null,
  });
});

test('a report leaves with ISO times and the names of the wire', () => {
  expect(toReportView(REPORT)).toMatchObject({
    started_at: '2026-01-01T00:00:00.000Z',
    ready_at: '2026-01-01T00:00:02.000Z',
    next_start_at: null,
    last_exit: { signal: 'SIGKILL', at: '2025-12-31T00:00:00.000Z' },
  });
});

test('an instance made from a setting that cannot be used any more tells of that', () => {
  const made = { ...DECLARED, config: null };
  const view = toInstanceView(picture({ loaded: ABSENT, declared: made, settingTrouble: 'no gpu9' }));

  expect(view).toMatchObject({ status: 'ready', reason: 'no gpu9; it goes on as it was' });
});
