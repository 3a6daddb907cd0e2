/** Routes of the commands on keys, and on who has changed what. */

import { buildCommand, buildRouteMap } from '@stricli/core';

import { KEY_SCOPES } from '../../contract/words.ts';
import { count, durationValue, jsonFlag, list, listOfWords, oneArgument, text, valueFlag } from '../flags.ts';

const id = oneArgument('Id of a key, or its name when no other has it', 'ID|NAME');

export const key = buildRouteMap({
  routes: {
    create: buildCommand({
      loader: async () => (await import('../commands/requests/key.ts')).create,
      parameters: {
        flags: {
          json: jsonFlag,
          name: valueFlag(text, 'What it is for; "unnamed" without it', 'TEXT'),
          scope: valueFlag(
            listOfWords(...KEY_SCOPES),
            'inference: ask models. read: look at everything. manage: all that you may. Inference without it',
            'SCOPE,…',
          ),
          models: valueFlag(list, 'The only models it may ask for; * at the end for any ending', 'NAME,…'),
          rpm: valueFlag(count, 'Requests in any minute', 'N'),
          tpm: valueFlag(count, 'Tokens in any minute, in and out', 'N'),
          concurrency: valueFlag(count, 'Requests at the same time', 'N'),
          expires: valueFlag(durationValue, 'Void after this time, such as 12h or 720h', 'TIME'),
        },
      },
      docs: {
        brief: 'Make a key for the front door, and print it this once',
        fullDescription: `Make a key for the front door, and print it this once. Only its SHA-256 is kept.
Once there is a key, callers over TCP need one; the commands on this machine do not.

Examples:
  drover key create --name laptop
  drover key create --name ci --scope inference,read --models demo,qwen-* --rpm 60 --tpm 100000 --concurrency 2
  DROVER_API_KEY=$(drover key create --scope manage --expires 1h --json | jq -r .key)`,
      },
    }),
    ls: buildCommand({
      loader: async () => (await import('../commands/requests/key.ts')).ls,
      parameters: { flags: { json: jsonFlag } },
      docs: { brief: 'List the keys, what they may do, and when they were used last' },
    }),
    rotate: buildCommand({
      loader: async () => (await import('../commands/requests/key.ts')).rotate,
      parameters: { flags: { json: jsonFlag }, positional: id },
      docs: { brief: 'Give a key a new text, printed this once; the old one is void at once' },
    }),
    revoke: buildCommand({
      loader: async () => (await import('../commands/requests/key.ts')).revoke,
      parameters: { flags: { json: jsonFlag }, positional: id },
      docs: { brief: 'Make a key void at once; what runs for it ends' },
    }),
  },
  docs: { brief: 'Keys of the front door: who may do what, and how much' },
});

export const audit = buildCommand({
  loader: async () => (await import('../commands/requests/audit.ts')).audit,
  parameters: {
    flags: {
      json: jsonFlag,
      last: valueFlag(count, 'The newest so many; 50 without it', 'N'),
      actor: valueFlag(text, 'Only of this one: operator, or key:ID', 'ACTOR'),
    },
  },
  docs: {
    brief: 'Show who has changed what over the API',
    fullDescription: `Show who has changed what over the API: each call that was no mere question, oldest first.

Examples:
  drover audit
  drover audit --actor key:k3v9q2m1 --last 200 --json`,
  },
});
