/** Routes of the commands on engines and inference. */

import { buildCommand, buildRouteMap } from '@stricli/core';

import { count, decimal, jsonFlag, oneArgument, text, valueFlag, wholeNumber } from '../flags.ts';

export const engine = buildRouteMap({
  routes: {
    ls: buildCommand({
      loader: async () => (await import('../commands/engine.ts')).ls,
      parameters: { flags: { json: jsonFlag } },
      docs: { brief: 'List the engines of this machine' },
    }),
    info: buildCommand({
      loader: async () => (await import('../commands/engine.ts')).info,
      parameters: {
        flags: { json: jsonFlag },
        positional: oneArgument('embedded or llama-server', 'ENGINE'),
      },
      docs: { brief: 'Tell all that is known of an engine' },
    }),
    build: buildCommand({
      loader: async () => (await import('../commands/engine.ts')).build,
      parameters: {
        flags: {
          backend: { kind: 'enum', values: ['cpu', 'cuda', 'vulkan'], brief: 'What it computes on', default: 'cpu' },
          jobs: valueFlag(count, 'Compilers at a time', 'N'),
        },
        aliases: { j: 'jobs' },
      },
      docs: {
        brief: 'Build llama-server from the packaged sources',
        fullDescription: `Build llama-server from the sources that the packages carry. Takes about ten minutes on two cores.

Example:
  drover engine build --backend cpu`,
      },
    }),
    add: buildCommand({
      loader: async () => (await import('../commands/engine.ts')).add,
      parameters: {
        flags: {},
        positional: oneArgument('cuda or vulkan', 'BACKEND'),
      },
      docs: {
        brief: 'Install the packs with which the embedded engine uses a GPU',
        fullDescription: `Install the packs with which the embedded engine uses a GPU.

Example:
  drover engine add cuda`,
      },
    }),
  },
  docs: { brief: 'Look at engines, build and extend them' },
});

export const infer = buildCommand({
  loader: async () => (await import('../commands/requests/infer.ts')).infer,
  parameters: {
    flags: {
      model: valueFlag(text, 'Instance, alias or catalogue id', 'ID'),
      worker: valueFlag(text, 'In its place: one engine, past the front door and its queue', 'HOST:PORT'),
      prompt: { kind: 'parsed', parse: text, brief: 'The prompt; - reads stdin', placeholder: 'TEXT' },
      system: valueFlag(text, 'System message', 'TEXT'),
      maxTokens: valueFlag(count, 'Most tokens to generate', 'N'),
      temperature: valueFlag(decimal, 'Sampling temperature', 'T'),
      topP: valueFlag(decimal, 'Least share of probability that tokens are drawn from', 'P'),
      topK: valueFlag(wholeNumber, 'Most tokens that are drawn from', 'N'),
      minP: valueFlag(decimal, 'Least probability beside that of the likeliest token', 'P'),
      stop: { ...valueFlag(text, 'A text that ends the answer; may be given several times', 'TEXT'), variadic: true },
      seed: valueFlag(wholeNumber, 'Seed of the sampling', 'N'),
      json: jsonFlag,
    },
    aliases: { m: 'model', p: 'prompt' },
  },
  docs: {
    brief: 'Ask a model: tokens to stdout, statistics to stderr',
    fullDescription: `Ask a model through the front door: tokens to stdout as they come, statistics to stderr. --worker asks
one engine directly; its key is DROVER_ENGINE_KEY, or what the daemon of this machine knows. Ctrl-C aborts it upstream.

Examples:
  drover infer --model chat --prompt "hello" --max-tokens 32
  drover infer --model demo --prompt - < question.txt
  drover infer --worker 127.0.0.1:8001 --prompt "hello"

Exit codes: 0 ok, 1 refused for now (queue full), 2 bad request, 3 unknown model, 7 timeout, 8 engine failed,
9 not allowed, 130 interrupted.`,
  },
});
