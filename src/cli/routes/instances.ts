/** Routes of the commands on instances: what they take and how they are explained. What they do is `commands/`. */

import { buildCommand } from '@stricli/core';

import {
  durationValue,
  followFlag,
  jsonFlag,
  oneArgument,
  switchFlag,
  text,
  valueFlag,
  wholeNumber,
} from '../flags.ts';

const oneName = oneArgument('Name of the instance', 'NAME');

const names = {
  kind: 'array',
  parameter: { brief: 'Names of instances', placeholder: 'NAME', parse: text },
} as const;

const upFlags = {
  all: switchFlag('Every instance there is'),
  wait: { kind: 'boolean', brief: 'Return when the instance is ready', default: true },
  timeout: valueFlag(durationValue, 'Longest wait, in seconds or as 90s, 5m', 'S'),
} as const;

export const up = buildCommand({
  loader: async () => (await import('../commands/instances/up.ts')).up,
  parameters: { flags: upFlags, positional: names },
  docs: {
    brief: 'Start instances and wait until they are ready',
    fullDescription: `Start instances and wait until they are ready.

Examples:
  drover up chat
  drover up chat coder --timeout 5m
  drover up --all --no-wait

Exit codes: 0 ready, 3 unknown name, 4 invalid config or model file, 5 port taken, 7 timeout, 8 failed to start.`,
  },
});

export const restart = buildCommand({
  loader: async () => (await import('../commands/instances/up.ts')).restart,
  parameters: { flags: upFlags, positional: names },
  docs: {
    brief: 'Stop instances, start them again and wait until they are ready',
    fullDescription: `Stop instances, start them again and wait until they are ready. An edited config is read anew.

Example:
  drover restart chat`,
  },
});

export const down = buildCommand({
  loader: async () => (await import('../commands/instances/down.ts')).down,
  parameters: {
    flags: { all: switchFlag('Every instance there is'), force: switchFlag('Do not wait for requests in flight') },
    positional: names,
  },
  docs: {
    brief: 'Stop instances and wait until nothing of them is left',
    fullDescription: `Stop instances and wait until nothing of them is left.

Examples:
  drover down chat
  drover down --all --force`,
  },
});

export const drain = buildCommand({
  loader: async () => (await import('../commands/instances/drain.ts')).drain,
  parameters: { flags: { all: upFlags.all, timeout: upFlags.timeout }, positional: names },
  docs: {
    brief: 'Send instances no new requests and wait until none is in flight',
    fullDescription: `Send instances no new requests and wait until none is in flight. They stay loaded; "drover up" or
"drover restart" lifts it.

Example:
  drover drain chat --timeout 2m && drover down chat`,
  },
});

export const adopt = buildCommand({
  loader: async () => (await import('../commands/instances/drain.ts')).adopt,
  parameters: { flags: {}, positional: oneName },
  docs: {
    brief: 'Write the config of an engine that runs without one',
    fullDescription: `Write the config of an engine that runs although its config is gone ("drover ps" calls it an orphan).
What runs is not touched. "drover down" stops it instead.

Example:
  drover adopt chat`,
  },
});

export const ps = buildCommand({
  loader: async () => (await import('../commands/instances/ps.ts')).ps,
  parameters: {
    flags: {
      running: switchFlag('Leave out what is stopped or failed'),
      wide: switchFlag('Every column, however narrow the terminal'),
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'List instances',
    fullDescription: `List instances: state, health, process, port, slots.

Examples:
  drover ps
  drover ps --json | jq '.[].name'`,
  },
});

export const logFlags = {
  flags: {
    tail: valueFlag(wholeNumber, 'Only the last N lines', 'N'),
    follow: followFlag,
    since: valueFlag(text, 'Only what is younger: 10m, or a moment in ISO 8601', 'T'),
    stdout: switchFlag('What went to stdout, which is the default'),
    stderr: switchFlag('What went to stderr'),
    both: switchFlag('Both'),
  },
  aliases: { f: 'follow', n: 'tail' },
} as const;

export const logs = buildCommand({
  loader: async () => (await import('../commands/instances/logs.ts')).logs,
  parameters: { ...logFlags, positional: oneName },
  docs: {
    brief: 'Print what an instance has written',
    fullDescription: `Print what an instance has written, across rotations and restarts.

Examples:
  drover logs chat --tail 50
  drover logs chat --both --since 10m
  drover logs chat -f --stderr`,
  },
});

export const describe = buildCommand({
  loader: async () => (await import('../commands/instances/describe.ts')).describe,
  parameters: { flags: { json: jsonFlag }, positional: oneName },
  docs: {
    brief: 'Tell all that is known of an instance',
    fullDescription: `Tell all that is known of an instance: config, exact command, memory estimate, latest facts.

Example:
  drover describe chat`,
  },
});

export const dashboard = buildCommand({
  loader: async () => (await import('../commands/dashboard.ts')).dashboard,
  parameters: {},
  docs: {
    brief: 'Watch and steer everything on the full screen',
    fullDescription: `Watch instances, devices, facts and logs on the full screen, and start, stop and restart. h shows the keys, q quits.

Example:
  drover dashboard`,
  },
});

export const health = buildCommand({
  loader: async () => (await import('../commands/instances/health.ts')).health,
  parameters: {
    flags: {
      all: switchFlag('Every instance there is'),
      watch: switchFlag('Go on, and tell each change, until Ctrl-C'),
      json: jsonFlag,
    },
    positional: names,
  },
  docs: {
    brief: 'Exit 0 when the instances are healthy, 1 otherwise',
    fullDescription: `Tell the health of instances; exit 0 when all asked for are healthy, 1 otherwise.

Examples:
  drover health chat
  drover health --all --json
  drover health --all --watch`,
  },
});
