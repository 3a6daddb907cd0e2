/** Routes of the commands on the daemons and the house at a glance. */

import { buildCommand, buildRouteMap } from '@stricli/core';

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

const scopeFlags = {
  user: switchFlag('A service of the user, without privileges; lingers after logout'),
  system: switchFlag('A service of the machine, the default for root'),
} as const;

export const installService = buildCommand({
  loader: async () => (await import('../commands/daemon/service.ts')).install,
  parameters: { flags: { ...scopeFlags, print: switchFlag('Print what would be installed, and install nothing') } },
  docs: {
    brief: "Make the daemon a service of the system's service manager",
    fullDescription: `Make the daemon of this home a service: systemd on Linux, launchd on macOS, Task Scheduler on Windows.
It starts at boot (or logon), is brought back after a crash, and a restart of it leaves engines and workers running.

Examples:
  drover daemon install --user
  sudo drover daemon install --system
  drover daemon install --print`,
  },
});

const instanceNames = {
  kind: 'array',
  parameter: { brief: 'Names of instances', placeholder: 'NAME', parse: text },
} as const;

const autostart = buildRouteMap({
  routes: {
    up: buildCommand({
      loader: async () => (await import('../commands/daemon/autostart.ts')).up,
      parameters: {},
      docs: { brief: 'Start what is listed now, and wait: exit 8 if one fails. The default' },
    }),
    ls: buildCommand({
      loader: async () => (await import('../commands/daemon/autostart.ts')).ls,
      parameters: { flags: { json: jsonFlag } },
      docs: { brief: 'List what comes up with the daemon, in its order' },
    }),
    add: buildCommand({
      loader: async () => (await import('../commands/daemon/autostart.ts')).add,
      parameters: { flags: {}, positional: instanceNames },
      docs: { brief: 'Add instances to the end of the list' },
    }),
    rm: buildCommand({
      loader: async () => (await import('../commands/daemon/autostart.ts')).rm,
      parameters: { flags: {}, positional: instanceNames },
      docs: { brief: 'Take instances off the list' },
    }),
  },
  defaultCommand: 'up',
  docs: {
    brief: 'Instances that come up with the daemon',
    fullDescription: `Instances that come up with the daemon. Without a further word: start them now, and wait.

Examples:
  drover daemon autostart add chat coder
  drover daemon autostart`,
  },
});

export const daemon = buildRouteMap({
  routes: {
    start: buildCommand({
      loader: async () => (await import('../commands/daemon/daemon.ts')).start,
      parameters: {
        flags: {
          agent: {
            kind: 'boolean',
            brief: 'Keep an agent on this machine, which runs engines and tasks',
            optional: true,
          },
          devices: valueFlag(text, 'Offer only these devices, the CPU (cpu) among them or not; or all', 'LIST'),
          tlsCert: valueFlag(text, 'Serve the front door over TLS with this certificate (PEM)', 'FILE'),
          tlsKey: valueFlag(text, 'Its key (PEM)', 'FILE'),
        },
      },
      docs: {
        brief: 'Start the daemon and wait until it answers',
        fullDescription: `Start the daemon and wait until it answers. Other commands do that by themselves.

All flags are kept in config.json (local_agent, devices, tls_cert, tls_key): a start after a crash, by a service
manager or by another command heeds them too.

Examples:
  DROVER_PORT=8090 drover daemon start
  drover daemon start --devices cuda0,cpu
  drover daemon start --devices all --agent
  drover daemon start --tls-cert door.pem --tls-key door.key`,
      },
    }),
    stop: buildCommand({
      loader: async () => (await import('../commands/daemon/daemon.ts')).stop,
      parameters: { flags: { all: switchFlag('Engines and workers too') } },
      docs: {
        brief: 'Stop the daemon; engines keep running unless --all',
        fullDescription: `Stop the daemon and return when it is gone. Engines keep running, and are found again at the next start.

Examples:
  drover daemon stop
  drover daemon stop --all`,
      },
    }),
    restart: buildCommand({
      loader: async () => (await import('../commands/daemon/daemon.ts')).restart,
      parameters: {},
      docs: { brief: 'Stop the daemon and start it again; engines keep running' },
    }),
    status: buildCommand({
      loader: async () => (await import('../commands/daemon/daemon.ts')).status,
      parameters: { flags: { json: jsonFlag } },
      docs: {
        brief: 'Exit 0 when the daemon runs, 6 when it does not',
        fullDescription: `Tell whether the daemon runs; never starts it. Exit 0 when it runs, 6 when it does not.

Example:
  drover daemon status --json`,
      },
    }),
    run: buildCommand({
      loader: async () => (await import('../commands/daemon/daemon.ts')).run,
      parameters: {},
      docs: { brief: 'Run the controller in the foreground, for a service manager' },
    }),
    autostart,
    install: installService,
    uninstall: buildCommand({
      loader: async () => (await import('../commands/daemon/service.ts')).uninstall,
      parameters: { flags: scopeFlags },
      docs: { brief: 'Take the daemon back from the service manager; engines keep running' },
    }),
    logs: buildCommand({
      loader: async () => (await import('../commands/daemon/daemon-logs.ts')).logs,
      parameters: {
        flags: {
          follow: followFlag,
          agent: switchFlag("The agent's log instead of the controller's"),
          tail: valueFlag(wholeNumber, 'Only the last N lines', 'N'),
        },
        aliases: { f: 'follow', n: 'tail' },
      },
      docs: {
        brief: 'Print the log of the daemon',
        fullDescription: `Print the log of the controller, or with --agent of the agent, on this machine.

Example:
  drover daemon logs -f`,
      },
    }),
  },
  docs: { brief: 'Start, stop and look at the daemon' },
});

export const status = buildCommand({
  loader: async () => (await import('../commands/daemon/overview.ts')).status,
  parameters: {
    flags: {
      tasks: switchFlag('The tasks that run or could'),
      task: valueFlag(text, 'One task and its attempts', 'BATCH/TASK'),
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'Show the house at a glance',
    fullDescription: `Show daemon, devices, instances, requests and tasks at a glance.

Examples:
  drover status
  drover status --tasks
  drover status --task 20260221_101500_ab12cd/count`,
  },
});

export const watch = buildCommand({
  loader: async () => (await import('../commands/batches/watch.ts')).watch,
  parameters: {
    flags: {
      once: switchFlag('Print it once'),
      interval: valueFlag(durationValue, 'Between two looks; 2s', 'S'),
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'Watch batches, tasks and devices',
    fullDescription: `Watch batches, tasks and devices: on a terminal the whole screen (q leaves), elsewhere a line for
each change of a batch. With --json the same once, for programs.

Examples:
  drover watch
  drover watch --once
  drover watch --interval 10s >> watch.log`,
  },
});

export const queue = buildRouteMap({
  routes: {
    ls: buildCommand({
      loader: async () => (await import('../commands/requests/queue.ts')).ls,
      parameters: {
        flags: { json: jsonFlag, watch: switchFlag('Again each second, until Ctrl-C') },
        aliases: { w: 'watch' },
      },
      docs: {
        brief: 'List what waits, with its place and when it will begin, and what is in flight by model',
        fullDescription: `List what is in flight by model and what waits: its place, and when it will begin by what requests took lately.
The last line says how good these forecasts have been.

Examples:
  drover queue ls
  drover queue ls --watch
  drover queue ls --json`,
      },
    }),
    cancel: buildCommand({
      loader: async () => (await import('../commands/requests/requests.ts')).cancel,
      parameters: { flags: { json: jsonFlag }, positional: oneArgument('Id of a request', 'ID') },
      docs: {
        brief: 'End a request that waits or runs',
        fullDescription: `End a request that waits or runs. Exit code 3 when there is none of this id.

Example:
  drover queue cancel req_4kz81m3n5p7q9r2t6v0x`,
      },
    }),
  },
  docs: { brief: 'Look at the queue of requests, take one out of it' },
});

export const version = buildCommand({
  loader: async () => (await import('../commands/daemon/overview.ts')).version,
  parameters: { flags: { json: jsonFlag } },
  docs: { brief: 'Print the versions of drover, Node and the running daemon' },
});

export const events = buildCommand({
  loader: async () => (await import('../commands/daemon/events.ts')).events,
  parameters: {
    flags: {
      follow: followFlag,
      batch: valueFlag(text, 'Only this batch and its tasks', 'ID'),
      after: valueFlag(wholeNumber, 'Begin behind this seq', 'SEQ'),
      brain: switchFlag('Only decisions: of the brain, or of people in its place'),
      json: { kind: 'boolean', brief: 'One JSON object a line, which is the only form', default: false },
    },
    aliases: { f: 'follow' },
  },
  docs: {
    brief: 'Print facts, one JSON object a line',
    fullDescription: `Print facts as {seq, at, type, subject, data}, one a line; with -f also those to come.

Examples:
  drover events -f
  drover events -f --brain
  drover events -f --batch 20260221_101500_ab12cd`,
  },
});
