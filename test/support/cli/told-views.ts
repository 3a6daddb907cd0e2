/** What a controller tells of an instance that is ready, and of a batch of three tasks. */

export const READY = {
  name: 'chat',
  desired: 'running',
  status: 'ready',
  health: 'healthy',
  health_detail: null,
  pid: 4711,
  port: 8001,
  engine: 'embedded',
  backend: 'cpu',
  device: 'cpu',
  model: 'demo',
  slots: { busy: 0, total: 1 },
  uptime_ms: 65_000,
  restarts: 0,
  reason: null,
};

export const COUNTS = {
  total: 3,
  waiting: 0,
  ready: 0,
  leased: 0,
  running: 0,
  backoff: 0,
  succeeded: 3,
  failed: 0,
  skipped: 0,
  aborted: 0,
  cancelled: 0,
  parked: 0,
};

export function batchOf(status: string) {
  return {
    batch_id: 'B1',
    plan: 'words',
    status,
    created_at: '2026-02-21T10:15:00.000Z',
    started_at: '2026-02-21T10:15:00.000Z',
    ended_at: '2026-02-21T10:15:02.000Z',
    counts: COUNTS,
    path: '/plans/words/history/B1',
    tasks: [],
    summarised: true,
  };
}
