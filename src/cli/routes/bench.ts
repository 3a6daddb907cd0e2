/** `drover bench …`: flags and help. */

import { buildCommand, buildRouteMap } from '@stricli/core';

import { count, durationValue, jsonFlag, list, oneArgument, switchFlag, text, valueFlag } from '../flags.ts';

export const bench = buildRouteMap({
  routes: {
    model: buildCommand({
      loader: async () => (await import('../commands/bench/bench.ts')).model,
      parameters: {
        flags: {
          devices: valueFlag(list, 'Make an instance on these devices for the bench', 'LIST'),
          runs: { kind: 'parsed', parse: count, brief: 'Timed chats', placeholder: 'N', default: '3' },
          maxTokens: {
            kind: 'parsed',
            parse: count,
            brief: 'Tokens of each answer',
            placeholder: 'N',
            default: '128',
          },
          compare: switchFlag('Show earlier results of all models beside it'),
          json: jsonFlag,
        },
        positional: oneArgument('A model, an alias or an instance', 'MODEL'),
      },
      docs: {
        brief: 'Measure a model: first token, tokens per second, memory, temperature',
        fullDescription: `Ask a model three times after a warm-up, and tell the median of the time to the first token and of the tokens per
second, the memory of its instance, and by how much devices got warmer. The result is kept.

Examples:
  drover bench model demo
  drover bench model demo --devices cpu --compare
  drover bench model qwen --devices gpu0,gpu1 --json`,
      },
    }),
    suitability: buildCommand({
      loader: async () => (await import('../commands/bench/bench.ts')).suitability,
      parameters: { flags: { json: jsonFlag }, positional: oneArgument('A model, an alias or an instance', 'MODEL') },
      docs: {
        brief: 'Tell whether a model is fit to be brain or worker',
        fullDescription: `Give a model ten small tasks of an agent (parsing, bash, a schema, a trade-off, an ambiguous order …) and score each
answer 0 to 2 by rules. 16 of 20 are needed for the brain, 12 for a worker: exit 1 with less.

Examples:
  drover bench suitability qwen
  drover bench suitability demo --json`,
      },
    }),
    device: buildCommand({
      loader: async () => (await import('../commands/bench/bench.ts')).device,
      parameters: {
        flags: {
          pair: valueFlag(list, 'Two devices: each alone, then both at once', 'A,B'),
          model: { kind: 'parsed', parse: text, brief: 'What they compute', placeholder: 'MODEL', default: 'demo' },
          duration: {
            kind: 'parsed',
            parse: durationValue,
            brief: 'How long each is kept busy',
            placeholder: 'T',
            default: '30s',
          },
          parallel: { kind: 'parsed', parse: count, brief: 'Requests at a time', placeholder: 'N', default: '4' },
          json: jsonFlag,
        },
        aliases: { m: 'model' },
        positional: { kind: 'array', parameter: { brief: 'Devices; none: all', placeholder: 'ID', parse: text } },
      },
      docs: {
        brief: 'Keep devices busy and measure what becomes of them',
        fullDescription: `Make an instance on each device, keep it busy, and tell the curve of tokens per second, temperature and clock, whether
it throttled, how fast models are loaded into it, and embeddings per second. What a device does not tell is a dash, and
a note says why.

Examples:
  drover bench device cpu --duration 10s
  drover bench device --pair gpu0,gpu1 -m qwen
  drover bench device gpu0 --json`,
      },
    }),
  },
  docs: { brief: 'Measure models and devices; results are kept' },
});
