/** `drover devices …`: flags and help. */

import { buildCommand, buildRouteMap } from '@stricli/core';

import { devicePolicyRoutes } from './device-policies.ts';
import { jsonFlag, oneOfWords, text, wholeNumber } from '../flags.ts';

export const devices = buildRouteMap({
  routes: {
    ls: buildCommand({
      loader: async () => (await import('../commands/devices/devices.ts')).ls,
      parameters: { flags: { json: jsonFlag } },
      docs: {
        brief: 'List devices with their memory and temperature',
        fullDescription: `List the cards and the CPU of every host: memory in use, reserved and in all, temperature, power, tasks.
A host whose agent is away is shown as it was told last, with its age.

Examples:
  drover devices ls
  drover devices ls --json`,
      },
    }),
    signal: buildCommand({
      loader: async () => (await import('../commands/devices/devices.ts')).signal,
      parameters: {
        flags: { json: jsonFlag },
        positional: {
          kind: 'tuple',
          parameters: [
            { brief: 'Any name of the device', placeholder: 'ID', parse: text },
            {
              brief: 'stop, abort, kill or resume',
              placeholder: 'SIGNAL',
              parse: oneOfWords('stop', 'abort', 'kill', 'resume'),
            },
          ],
        },
      },
      docs: {
        brief: 'Let a device take nothing new, end what runs there, or lift that',
        fullDescription: `stop: it takes nothing new, and what runs finishes. abort, kill: that, and the tasks that run there are ended, by
SIGTERM (SIGKILL after 5 s) or SIGKILL; they go to other devices, and no try is counted. resume: it takes work again.

Example:
  drover devices signal gpu0 stop`,
      },
    }),
    suggest: buildCommand({
      loader: async () => (await import('../commands/devices/devices-suggest.ts')).suggest,
      parameters: {
        flags: {
          model: { kind: 'parsed', parse: text, brief: 'A catalogue id or a .gguf file', placeholder: 'MODEL' },
          context: {
            kind: 'parsed',
            parse: contextSize,
            brief: 'Tokens per request; default: as many as fit, up to 32768',
            placeholder: 'N',
            optional: true,
          },
          parallel: {
            kind: 'parsed',
            parse: slots,
            brief: 'Requests at a time',
            placeholder: 'N',
            default: '1',
          },
          json: jsonFlag,
        },
        aliases: { m: 'model' },
      },
      docs: {
        brief: 'Say where a model would run, with the sum and the config',
        fullDescription: `Say which devices a model would take, how many of its layers and what context, by what is free now: weights,
KV cache, overhead and head-room line by line, and the config to paste. Needs no daemon for a model file.

Examples:
  drover devices suggest -m ~/models/qwen.gguf
  drover devices suggest -m demo --context 16384 --parallel 2`,
      },
    }),
    ...devicePolicyRoutes,
  },
  docs: { brief: 'Look at the cards and the CPU' },
});

function contextSize(input: string): number {
  const tokens = wholeNumber(input);
  if (tokens >= 512) return tokens;
  throw new Error(`${input} is too short: 512 tokens or more`);
}

function slots(input: string): number {
  const count = wholeNumber(input);
  if (count >= 1 && count <= 64) return count;
  throw new Error(`${input} is out of range: 1 to 64`);
}
