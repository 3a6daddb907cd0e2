/** Metrics of hosts and their devices, read when they are asked. What nobody measures gets no series. */

import type { Registry } from 'prom-client';

import type { DeviceView } from '../../contract/index.ts';
import { addGauge } from './gauge.ts';
import type { MetricViews } from './views.ts';

interface Reading {
  readonly name: string;
  readonly help: string;
  readonly read: (device: DeviceView) => number | null;
}

const READINGS: readonly Reading[] = [
  {
    name: 'drover_device_memory_total_bytes',
    help: 'Memory of a device.',
    read: (device) => device.total_bytes,
  },
  {
    name: 'drover_device_memory_reserved_bytes',
    help: 'Promised by the memory ledger to instances and task workers.',
    read: (device) => device.reserved_bytes,
  },
  {
    name: 'drover_device_memory_observed_bytes',
    help: 'In use by anybody, as measured.',
    read: (device) => device.observed_bytes,
  },
  {
    name: 'drover_device_temperature_celsius',
    help: 'As its driver tells it.',
    read: (device) => device.temperature_c,
  },
  {
    name: 'drover_device_power_watts',
    help: 'As its driver tells it.',
    read: (device) => device.power_w,
  },
  {
    name: 'drover_device_utilisation_ratio',
    help: 'From 0 to 1, as its driver tells it.',
    read: (device) => (device.utilisation_percent === null ? null : device.utilisation_percent / 100),
  },
  {
    name: 'drover_device_task_slots_busy',
    help: 'Places for cpu tasks that are taken.',
    read: (device) => device.task_slots.busy,
  },
];

export function deviceMetrics(registry: Registry, views: Pick<MetricViews, 'devices' | 'agents'>): void {
  for (const { name, help, read } of READINGS) {
    addGauge(registry, {
      name,
      help,
      labels: ['host', 'device'],
      read(gauge) {
        for (const device of views.devices()) {
          const value = read(device);
          if (value !== null) gauge.set({ host: device.host, device: device.id }, value);
        }
      },
    });
  }
  addGauge(registry, {
    name: 'drover_device_condition',
    help: 'One series per device: 1 with the condition that it is in.',
    labels: ['host', 'device', 'condition'],
    read(gauge) {
      for (const { host, id, condition } of views.devices()) gauge.set({ host, device: id, condition }, 1);
    },
  });
  addGauge(registry, {
    name: 'drover_agent_connected',
    help: '1 while the agent of a host is connected, else 0.',
    labels: ['host'],
    read(gauge) {
      for (const { host, connected } of views.agents()) gauge.set({ host }, connected ? 1 : 0);
    },
  });
}
