/** Routes of the commands on requests at the front door. */

import { buildCommand, buildRouteMap } from '@stricli/core';

import { REQUEST_STATES } from '../../contract/words.ts';
import { count, jsonFlag, oneArgument, oneOfWords, text, valueFlag } from '../flags.ts';

export const requests = buildRouteMap({
  routes: {
    ls: buildCommand({
      loader: async () => (await import('../commands/requests/requests.ts')).ls,
      parameters: {
        flags: {
          json: jsonFlag,
          state: valueFlag(
            oneOfWords(...REQUEST_STATES),
            'Only queued, dispatched, streaming, done, failed, cancelled or expired ones',
            'STATE',
          ),
          model: valueFlag(text, 'Only those that asked for this model', 'NAME'),
          last: valueFlag(count, 'The newest so many; 30 without it', 'N'),
        },
      },
      docs: {
        brief: 'List requests at the front door, newest first: what waits, runs, and has ended lately',
        fullDescription: `List requests at the front door, newest first: what waits, runs, and has ended lately.

Examples:
  drover requests ls
  drover requests ls --state failed --last 100`,
      },
    }),
    show: buildCommand({
      loader: async () => (await import('../commands/requests/requests.ts')).show,
      parameters: { flags: { json: jsonFlag }, positional: oneArgument('Id of a request', 'ID') },
      docs: {
        brief: 'Show a request with its timings, and its bodies where they are kept',
        fullDescription: `Show a request with its timings. Bodies are kept in memory, redacted, while the setting
request_bodies is on.

Examples:
  drover config set request_bodies true && drover daemon reload
  drover requests show req_4kz81m3n5p7q9r2t6v0x`,
      },
    }),
    cancel: buildCommand({
      loader: async () => (await import('../commands/requests/requests.ts')).cancel,
      parameters: { flags: { json: jsonFlag }, positional: oneArgument('Id of a request', 'ID') },
      docs: { brief: 'End a request that waits or runs' },
    }),
  },
  docs: { brief: 'Requests at the front door, with their timings' },
});
