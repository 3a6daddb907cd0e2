/** Pictures of a house for tests of the dashboard, and its screen as plain text. */

import type { DeviceView, StatusView } from '../../src/contract/daemon.ts';
import type { FactView } from '../../src/contract/facts.ts';
import type { InstanceView } from '../../src/contract/instance-views.ts';
import { lineWidth } from '../../src/tui/line.ts';
import { reduce } from '../../src/tui/reduce.ts';
import { initialState } from '../../src/tui/state.ts';
import type { DashboardEvent, DashboardState, Effect, Picture } from '../../src/tui/state.ts';
import { viewOf } from '../../src/tui/view/view.ts';

export const NOW = Date.parse('2026-01-02T03:04:05Z');
const GIB = 1024 ** 3;

export function instance(name: string, more: Partial<InstanceView> = {}): InstanceView {
  return {
    name,
    desired: 'running',
    status: 'ready',
    health: 'healthy',
    health_detail: null,
    pid: 4321,
    port: 8001,
    engine: 'llama-server',
    backend: 'cpu',
    device: 'cpu',
    model: 'demo',
    slots: { busy: 0, total: 2 },
    uptime_ms: 65_000,
    restarts: 0,
    tokens_per_second: 0,
    draining: false,
    ephemeral: false,
    orphan: false,
    needs_restart: false,
    pinned: false,
    tags: [],
    reason: null,
    ...more,
  };
}

export function device(id: string, more: Partial<DeviceView> = {}): DeviceView {
  return {
    host: 'here',
    id,
    kind: 'nvidia',
    name: 'A card of six',
    uuid: null,
    backend_names: [],
    aliases: [],
    roles: ['tasks', 'instances', 'brain'],
    condition: 'normal',
    why: null,
    held_until: null,
    connected: true,
    seen_at: '2026-01-02T03:04:05.000Z',
    total_bytes: 6 * GIB,
    reserved_bytes: 3 * GIB,
    observed_bytes: 1.5 * GIB,
    task_budget_bytes: 0,
    task_free_bytes: 0,
    temperature_c: 61,
    power_w: null,
    power_limit_w: null,
    utilisation_percent: null,
    core_clock_mhz: null,
    memory_clock_mhz: null,
    throttle_reasons: [],
    pcie_generation: null,
    pcie_width: null,
    load_rate: null,
    load_group: 'shared',
    task_slots: { busy: 0, total: 0 },
    heartbeat: null,
    instances: [],
    workers: [],
    ended: { succeeded: 0, failed: 0 },
    ...more,
  };
}

export function fact(seq: number, more: Partial<FactView> = {}): FactView {
  return {
    seq,
    at: '2026-01-02T03:04:05.000Z',
    type: 'batch.started',
    subject: `batch:b${seq}`,
    data: {},
    ...more,
  };
}

export function picture(
  instances: readonly InstanceView[],
  devices: readonly DeviceView[] = [device('gpu0')],
): Picture {
  const status: StatusView = {
    daemon: {
      running: true,
      version: '1.2.3',
      url: 'http://127.0.0.1:8080',
      socket: '/run/drover.sock',
      controller: { pid: 99, uptime_ms: 1_000 },
      agents: [{ host: 'here', pid: 98, connected: true, silent: false, epoch: 1 }],
      local_agent: true,
      offered_devices: null,
    },
    devices,
    instances: { total: instances.length, ready: 0, failed: 0 },
    requests: { queued: 2, in_flight: 1 },
    batches: { running: 0 },
    tasks: { ready: 0, running: 0, waiting: 0 },
  };
  return { instances, status, at: NOW };
}

export function dashboardOf(
  instances: readonly InstanceView[],
  { columns = 100, rows = 30, devices }: { columns?: number; rows?: number; devices?: readonly DeviceView[] } = {},
): DashboardState {
  return initialState({ columns, rows }, picture(instances, devices));
}

/** The state after the events, and all that is to be done for them. */
export function after(
  state: DashboardState,
  ...events: readonly DashboardEvent[]
): { readonly state: DashboardState; readonly effects: readonly Effect[] } {
  let now = state;
  const effects: Effect[] = [];
  for (const event of events) {
    const step = reduce(now, event);
    now = step.state;
    effects.push(...step.effects);
  }
  return { state: now, effects };
}

export function press(...keys: readonly string[]): readonly DashboardEvent[] {
  return keys.map((key) => ({ kind: 'key-pressed', key }));
}

/** What the terminal shows, without colours. */
export function screenOf(state: DashboardState): string[] {
  return viewOf(state).map((line) => line.map(({ text }) => text).join(''));
}

export function screenWidths(state: DashboardState): number[] {
  return viewOf(state).map(lineWidth);
}
