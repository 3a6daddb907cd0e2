/** `drover escalations …`: flags and help. */

import { buildCommand, buildRouteMap } from '@stricli/core';

import { jsonFlag, oneArgument, switchFlag, text } from '../flags.ts';

export const escalations = buildRouteMap({
  routes: {
    ls: buildCommand({
      loader: async () => (await import('../commands/batches/escalations.ts')).ls,
      parameters: { flags: { all: switchFlag('Answered and withdrawn ones too'), json: jsonFlag } },
      docs: {
        brief: 'List what waits for an answer',
        fullDescription: `List what the brain asks of you, the newest first, and which hooks have heard of it.

Examples:
  drover escalations ls
  drover escalations ls --all --json`,
      },
    }),
    show: buildCommand({
      loader: async () => (await import('../commands/batches/escalations.ts')).show,
      parameters: { flags: { json: jsonFlag }, positional: oneArgument('Number of the escalation', 'ID') },
      docs: { brief: 'Show a question with its choices and what led to it' },
    }),
    answer: buildCommand({
      loader: async () => (await import('../commands/batches/escalations.ts')).answer,
      parameters: {
        flags: { json: jsonFlag },
        positional: {
          kind: 'tuple',
          parameters: [
            { brief: 'Number of the escalation', placeholder: 'ID', parse: text },
            { brief: 'One of its choices', placeholder: 'CHOICE', parse: text },
          ],
        },
      },
      docs: {
        brief: 'Answer with one of its choices',
        fullDescription: `Answer with one of its choices; what it does is in docs/brain.md.

Example:
  drover escalations answer 3 apply

Exit codes: 0 taken, 2 none of its choices, 3 no such escalation, 5 it was answered before.`,
      },
    }),
  },
  docs: { brief: 'What the brain asks of you' },
});
