/** Routes of the commands on instances: what they take and how they are explained. What they do is `commands/`. */

import { buildCommand } from '@stricli/core';

import type { CliContext } from '../context.ts';
import { durationValue, followFlag, jsonFlag, portNumber, switchFlag, text, wholeNumber } from '../flags.ts';

const oneName = {
  kind: 'tuple',
  parameters: [{ brief: 'Name of the instance', placeholder: 'NAME', parse: text }],
} as const;

const names = {
  kind: 'array',
  parameter: { brief: 'Names of instances', placeholder: 'NAME', parse: text },
} as const;

const upFlags = {
  all: switchFlag('Every instance there is'),
  wait: { kind: 'boolean', brief: 'Return when the instance is ready', default: true },
  timeout: {
    kind: 'parsed',
    parse: durationValue,
    brief: 'Longest wait, in seconds or as 90s, 5m',
    placeholder: 'S',
    optional: true,
  },
} as const;

export const up = buildCommand({
  loader: async () => (await import('../commands/up.ts')).up,
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
  loader: async () => (await import('../commands/up.ts')).restart,
  parameters: { flags: upFlags, positional: names },
  docs: {
    brief: 'Stop instances, start them again and wait until they are ready',
    fullDescription: `Stop instances, start them again and wait until they are ready. An edited config is read anew.

Example:
  drover restart chat`,
  },
});

export const down = buildCommand({
  loader: async () => (await import('../commands/down.ts')).down,
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
  loader: async () => (await import('../commands/drain.ts')).drain,
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
  loader: async () => (await import('../commands/drain.ts')).adopt,
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
  loader: async () => (await import('../commands/ps.ts')).ps,
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

export const logs = buildCommand({
  loader: async () => (await import('../commands/logs.ts')).logs,
  parameters: {
    flags: {
      tail: { kind: 'parsed', parse: wholeNumber, brief: 'Only the last N lines', placeholder: 'N', optional: true },
      follow: followFlag,
      since: {
        kind: 'parsed',
        parse: text,
        brief: 'Only what is younger: 10m, or a moment in ISO 8601',
        placeholder: 'T',
        optional: true,
      },
      stdout: switchFlag('What went to stdout, which is the default'),
      stderr: switchFlag('What went to stderr'),
      both: switchFlag('Both'),
    },
    aliases: { f: 'follow', n: 'tail' },
    positional: oneName,
  },
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
  loader: async () => (await import('../commands/describe.ts')).describe,
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
  loader: async () => (await import('../commands/health.ts')).health,
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

export const init = buildCommand<import('../commands/init.ts').InitFlags, [string?], CliContext>({
  loader: async () => (await import('../commands/init.ts')).init,
  parameters: {
    flags: {
      profile: {
        kind: 'enum',
        values: ['cpu', 'cuda', 'vulkan', 'rocm', 'metal'],
        brief: 'Where it computes; else on the CPU',
        optional: true,
      },
      model: {
        kind: 'parsed',
        parse: text,
        brief: 'Catalogue id, or path of a .gguf file',
        placeholder: 'MODEL',
        optional: true,
      },
      port: {
        kind: 'parsed',
        parse: portNumber,
        brief: 'Fixed port; else the next free from 8001',
        placeholder: 'N',
        optional: true,
      },
      import: {
        kind: 'parsed',
        parse: text,
        brief: 'A llama-server command line, or a config.json of llama-orchestrator',
        placeholder: 'COMMAND|FILE',
        optional: true,
      },
      force: switchFlag('Replace a config that exists'),
    },
    aliases: { m: 'model', p: 'port' },
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'Name of the instance', placeholder: 'NAME', parse: text, optional: true }],
    },
  },
  docs: {
    brief: 'Write the config of a new instance',
    fullDescription: `Write the config of a new instance. Needs no daemon.

Examples:
  drover init chat --profile cpu -m demo
  drover init coder --profile cuda -m /models/coder.gguf --port 8005
  drover init qwen --import "llama-server -m qwen.gguf -c 8192 -ngl 99 --port 8005"
  drover init --import ~/llama-orchestrator/instances/qwen/config.json`,
  },
});

export const clone = buildCommand({
  loader: async () => (await import('../commands/edit.ts')).clone,
  parameters: {
    flags: {},
    positional: {
      kind: 'tuple',
      parameters: [
        { brief: 'Name of the instance', placeholder: 'NAME', parse: text },
        { brief: 'Name of the new one', placeholder: 'NEW', parse: text },
      ],
    },
  },
  docs: {
    brief: 'Write the config of a new instance after that of another',
    fullDescription: `Write the config of a new instance after that of another; a fixed port is not taken over. Needs no daemon.

Example:
  drover clone chat chat-2`,
  },
});

export const edit = buildCommand({
  loader: async () => (await import('../commands/edit.ts')).edit,
  parameters: { flags: {}, positional: oneName },
  docs: {
    brief: 'Change the config of an instance in $EDITOR',
    fullDescription: `Change the config of an instance in $VISUAL or $EDITOR. The text is checked before it replaces the config.
Of an invalid one it is asked whether to edit again, keep or revert; without a terminal it is reverted, with exit code 4.

Example:
  EDITOR="code --wait" drover edit chat`,
  },
});

export const rm = buildCommand({
  loader: async () => (await import('../commands/down.ts')).rm,
  parameters: { flags: {}, positional: oneName },
  docs: {
    brief: 'Stop an instance and remove its config',
    fullDescription: `Stop an instance and remove its config. The model file stays.

Example:
  drover rm chat`,
  },
});
