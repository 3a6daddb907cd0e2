/** `drover devices roles|reserve|quarantine|release|monitor`: flags and help. */

import { buildCommand } from '@stricli/core';

import type { RolesArgument } from '../commands/devices/device-policies.ts';
import { durationValue, jsonFlag, oneArgument, switchFlag, text, valueFlag } from '../flags.ts';

const reason = valueFlag(text, 'Why, for whoever asks', 'TEXT');
const device = oneArgument('Any name of the device, or HOST/ID', 'ID');

export const devicePolicyRoutes = {
  roles: buildCommand({
    loader: async () => (await import('../commands/devices/device-policies.ts')).roles,
    parameters: {
      flags: { json: jsonFlag },
      positional: {
        kind: 'tuple',
        parameters: [
          { brief: 'Any name of the device, or HOST/ID', placeholder: 'ID', parse: text },
          { brief: 'tasks, instances, brain; off; or default', placeholder: 'ROLES', parse: rolesArgument },
        ],
      },
    },
    docs: {
      brief: 'Say what work a device takes',
      fullDescription: `Say what work a device takes: tasks of plans, instances, the brain's own model, or off for none. What runs there
goes on. default: as the setting device_roles of its host says, and else everything.

Examples:
  drover devices roles gpu0 tasks,instances
  drover devices roles attic/gpu1 off

Exit codes: 0 set, 2 no such role, 3 no such device.`,
    },
  }),
  reserve: buildCommand({
    loader: async () => (await import('../commands/devices/device-policies.ts')).reserve,
    parameters: {
      flags: { for: valueFlag(durationValue, 'For how long; default: until released', 'TIME'), reason, json: jsonFlag },
      positional: device,
    },
    docs: {
      brief: 'Keep new work from a device for a while',
      fullDescription: `Keep new work from a device: no task and no instance is started there until its time is up or it is released. What
runs there goes on.

Examples:
  drover devices reserve gpu0 --for 2h
  drover devices reserve gpu0 --reason "a game"

Exit codes: 0 reserved, 3 no such device.`,
    },
  }),
  quarantine: buildCommand({
    loader: async () => (await import('../commands/devices/device-policies.ts')).quarantine,
    parameters: { flags: { reason, json: jsonFlag }, positional: device },
    docs: {
      brief: 'Keep new work from a device that is not trusted',
      fullDescription: `Keep new work from a device until it is released. Drover does so itself when a card does not give memory back, or
when what runs there cannot be ended.

Example:
  drover devices quarantine gpu0 --reason "artefacts"

Exit codes: 0 quarantined, 3 no such device.`,
    },
  }),
  release: buildCommand({
    loader: async () => (await import('../commands/devices/device-policies.ts')).release,
    parameters: { flags: { json: jsonFlag }, positional: device },
    docs: {
      brief: 'End a reservation or a quarantine',
      fullDescription: `End a reservation or a quarantine: the device takes work again.

Example:
  drover devices release gpu0

Exit codes: 0 released, 2 nothing held it, 3 no such device.`,
    },
  }),
  monitor: buildCommand({
    loader: async () => (await import('../commands/devices/devices-monitor.ts')).monitor,
    parameters: {
      flags: {
        interval: {
          kind: 'parsed',
          parse: durationValue,
          brief: 'Time between two looks',
          placeholder: 'TIME',
          default: '5s',
        },
        for: valueFlag(durationValue, 'End after this time; default: at Ctrl-C', 'TIME'),
        log: valueFlag(text, 'Append each look to this file, a JSON object per line', 'FILE'),
        summary: switchFlag('At the end, tell the least, mean and greatest values'),
        json: jsonFlag,
      },
    },
    docs: {
      brief: 'Watch temperature, power, memory and clocks',
      fullDescription: `Watch all devices until Ctrl-C: a table on a terminal, else a plain line per device and look. With --json, or in the
file of --log, a JSON object per look. Agents measure every 5 seconds.

Examples:
  drover devices monitor
  drover devices monitor --interval 10s --for 1h --log night.jsonl --summary`,
    },
  }),
};

const ROLES = ['tasks', 'instances', 'brain'] as const;

function rolesArgument(input: string): RolesArgument {
  if (input === 'default') return 'default';
  if (input === 'off') return [];
  return input.split(',').map((word) => {
    const role = ROLES.find((known) => known === word.trim());
    if (role === undefined) throw new Error(`"${word}" is none of ${ROLES.join(', ')}, off, default`);
    return role;
  });
}
