/** Routes of the commands on all instances of a model. */

import { buildCommand } from '@stricli/core';

import { durationValue, jsonFlag, oneArgument, valueFlag } from '../flags.ts';

const oneModel = oneArgument('Id in the catalogue, alias, or name of an instance', 'MODEL');
const waitFlags = {
  timeout: valueFlag(durationValue, 'Longest wait, in seconds or as 90s, 5m', 'S'),
  json: jsonFlag,
} as const;

export const poolCommands = {
  health: buildCommand({
    loader: async () => (await import('../commands/models/models-pool.ts')).health,
    parameters: { flags: { json: jsonFlag }, positional: oneModel },
    docs: {
      brief: 'Tell how the instances of a model do, and how many requests wait for it',
      fullDescription: `Tell how the instances of a model do, and how many requests wait for it.

Example:
  drover models health qwen-0.5b`,
    },
  }),
  drain: buildCommand({
    loader: async () => (await import('../commands/models/models-pool.ts')).drain,
    parameters: { flags: waitFlags, positional: oneModel },
    docs: {
      brief: 'Give no instance of a model new requests, and wait until none is in flight',
      fullDescription: `Give no instance of a model new requests, and wait until none is in flight. They stay loaded; "drover models reload"
and "drover up" end it.

Example:
  drover models drain qwen-0.5b --timeout 2m`,
    },
  }),
  reload: buildCommand({
    loader: async () => (await import('../commands/models/models-pool.ts')).reload,
    parameters: { flags: waitFlags, positional: oneModel },
    docs: {
      brief:
        'Start the instances of a model anew, one after the other; one that does not come up is put back as it was',
      fullDescription: `Start the instances of a model anew, one after the other, with model and config as they are now. Requests wait
meanwhile, or go to the others. One that does not come up is put back as it was, and the rest is left alone.

Example:
  drover models register chat ~/models/new.gguf && drover models reload chat`,
    },
  }),
  purge: buildCommand({
    loader: async () => (await import('../commands/models/models-pool.ts')).purge,
    parameters: { flags: { json: jsonFlag }, positional: oneModel },
    docs: {
      brief: 'End every request for a model, and take its instances down at once',
      fullDescription: `End every request for a model, waiting or running, and take its instances down at once. A model that no instance is
configured for is loaded again by the next request; others by "drover up".

Example:
  drover models purge qwen-0.5b`,
    },
  }),
} as const;
