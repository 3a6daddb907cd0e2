/** Routes of the commands on the configs of instances: write, copy, change, remove. */

import { buildCommand } from '@stricli/core';

import type { CliContext } from '../context.ts';
import { oneArgument, portNumber, switchFlag, text, valueFlag } from '../flags.ts';

const oneName = oneArgument('Name of the instance', 'NAME');

export const init = buildCommand<import('../commands/instances/init.ts').InitFlags, [string?], CliContext>({
  loader: async () => (await import('../commands/instances/init.ts')).init,
  parameters: {
    flags: {
      profile: {
        kind: 'enum',
        values: ['cpu', 'cuda', 'vulkan', 'rocm', 'metal'],
        brief: 'Where it computes; else on the CPU',
        optional: true,
      },
      model: valueFlag(text, 'Catalogue id, or path of a .gguf file', 'MODEL'),
      port: valueFlag(portNumber, 'Fixed port; else the next free from 8001', 'N'),
      import: valueFlag(text, 'A llama-server command line, or a config.json of llama-orchestrator', 'COMMAND|FILE'),
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
  loader: async () => (await import('../commands/instances/edit.ts')).clone,
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
  loader: async () => (await import('../commands/instances/edit.ts')).edit,
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
  loader: async () => (await import('../commands/instances/down.ts')).rm,
  parameters: { flags: {}, positional: oneName },
  docs: {
    brief: 'Stop an instance and remove its config',
    fullDescription: `Stop an instance and remove its config. The model file stays.

Example:
  drover rm chat`,
  },
});
